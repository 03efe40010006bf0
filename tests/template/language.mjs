// The template's own language: functions, and the names they stand for. As much of it as template.yml uses.

/** Why the template is not accepted. Anything else that is thrown is a fault of this check. */
export class Refusal extends Error {}

export function refuse(sentence) {
  throw new Refusal(sentence);
}

export const isMap = (node) => node !== null && typeof node === 'object' && !Array.isArray(node);

/** The value of a node. A property without a value (`ALIYUN::NoValue`) is left out of its map. */
export function evaluate(node, scope) {
  const call = functionOf(node);
  if (call) return FUNCTIONS[call.name](call.argument, scope);
  if (Array.isArray(node)) {
    const values = node.map((item) => evaluate(item, scope));
    if (values.includes(undefined)) refuse('ALIYUN::NoValue stands in a list; it is documented for properties only.');
    return values;
  }
  if (!isMap(node)) return node;
  const entries = Object.entries(node).map(([key, value]) => [key, evaluate(value, scope)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

const FUNCTIONS = {
  Ref: (name, scope) => scope.ref(name),
  'Fn::GetAtt': ([id, attribute], scope) => scope.attribute(id, attribute),
  'Fn::Sub': (text, scope) => text.replace(PLACEHOLDER, (_, target) => evaluate(reference(target), scope)),
  'Fn::If': ([condition, yes, no], scope) => evaluate(scope.condition(condition) ? yes : no, scope),
  'Fn::Equals': ([left, right], scope) => evaluate(left, scope) === evaluate(right, scope),
  'Fn::Not': ([value], scope) => !evaluate(value, scope),
  'Fn::And': (values, scope) => values.every((value) => evaluate(value, scope)),
  'Fn::Or': (values, scope) => values.some((value) => evaluate(value, scope)),
};

/** What a node names, in every branch, taken or not. */
export function* references(node) {
  const call = functionOf(node);
  if (call?.name === 'Ref') {
    yield { name: call.argument };
  } else if (call?.name === 'Fn::GetAtt') {
    const [resource, attribute] = call.argument;
    yield { resource, attribute };
  } else if (call?.name === 'Fn::Sub') {
    for (const [, target] of call.argument.matchAll(PLACEHOLDER)) yield* references(reference(target));
  } else {
    if (call?.name === 'Fn::If') yield { condition: call.argument[0] };
    const inner = call ? call.argument : node;
    if (inner !== null && typeof inner === 'object') for (const value of Object.values(inner)) yield* references(value);
  }
}

/** The function that a node is, or nothing. */
function functionOf(node) {
  const keys = isMap(node) ? Object.keys(node) : [];
  const name = keys.find((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (name === undefined) return undefined;
  if (keys.length > 1) refuse(`${keys.join(' and ')} stand side by side where a function stands alone.`);
  if (!(name in FUNCTIONS)) refuse(`This check does not know the function ${name}.`);
  const argument = node[name];
  const wanted = name === 'Ref' || name === 'Fn::Sub' ? 'text' : 'list';
  if (wanted === 'text' ? typeof argument !== 'string' : !Array.isArray(argument)) {
    refuse(`${name} is followed by something else than a ${wanted}: ${JSON.stringify(argument)}.`);
  }
  return { name, argument };
}

/** The names in the text of an `Fn::Sub`; `${!x}` is a literal. */
const PLACEHOLDER = /\$\{([^!}][^}]*)\}/g;

/** A placeholder, as the function that it abbreviates. */
function reference(target) {
  const dot = target.indexOf('.');
  return dot < 0 ? { Ref: target } : { 'Fn::GetAtt': [target.slice(0, dot), target.slice(dot + 1)] };
}
