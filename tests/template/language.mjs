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
  'Fn::Not': (value, scope) => !holds(value, scope),
  'Fn::And': (values, scope) => values.every((value) => holds(value, scope)),
  'Fn::Or': (values, scope) => values.some((value) => holds(value, scope)),
  'Fn::Join': ([between, values], scope) => evaluate(values, scope).join(between),
  'Fn::Split': ([between, text], scope) => evaluate(text, scope).split(between),
  // Of maps alone, of which the last counts, as template.yml adds no numbers.
  'Fn::Add': (maps, scope) => Object.assign({}, ...maps.map((map) => evaluate(map, scope))),
};

/** What follows the name of a function, where that is no list. `Fn::Not` differs from CloudFormation's, which has a list. */
const ARGUMENTS = { Ref: 'text', 'Fn::Sub': 'text', 'Fn::Not': 'condition' };

/** A condition stands as it is, or by its name alone. */
const holds = (value, scope) => (typeof value === 'string' ? scope.condition(value) : evaluate(value, scope));

const CONDITIONALS = ['Fn::And', 'Fn::Or', 'Fn::Not'];

/** What a node names, in every branch, taken or not. */
export function* references(node) {
  const call = functionOf(node);
  if (call?.name === 'Ref') {
    yield { name: call.argument };
  } else if (call?.name === 'Fn::GetAtt') {
    const [resource, attribute] = call.argument;
    yield { resource, attribute };
  } else if (call?.name === 'Fn::Sub') {
    for (const [, target] of call.argument.matchAll(PLACEHOLDER)) {
      for (const named of references(reference(target))) yield { ...named, inText: true };
    }
  } else {
    if (call?.name === 'Fn::If') yield { condition: call.argument[0] };
    if (CONDITIONALS.includes(call?.name)) {
      for (const name of [call.argument].flat()) if (typeof name === 'string') yield { condition: name };
    }
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
  const wanted = ARGUMENTS[name] ?? 'list';
  const is = {
    text: typeof argument === 'string',
    list: Array.isArray(argument),
    condition: typeof argument === 'string' || isMap(argument),
  };
  if (!is[wanted]) refuse(`${name} is followed by something else than a ${wanted}: ${JSON.stringify(argument)}.`);
  return { name, argument };
}

/** The names in the text of an `Fn::Sub`; `${!x}` is a literal. */
const PLACEHOLDER = /\$\{([^!}][^}]*)\}/g;

/** A placeholder, as the function that it abbreviates. */
function reference(target) {
  const dot = target.indexOf('.');
  return dot < 0 ? { Ref: target } : { 'Fn::GetAtt': [target.slice(0, dot), target.slice(dot + 1)] };
}
