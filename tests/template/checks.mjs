// What is checked: spelling and names, our own rules, then a rendering of each resource for some deployments.

import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { DEPLOYMENTS, REFUSED } from './deployments.mjs';
import { checkCaps, checkDoors, checkFailures, checkSecrets, checkTrigger } from './house_rules.mjs';
import { evaluate, isMap, references, refuse } from './language.mjs';
import { attributesOf, render } from './vendor.mjs';

const PSEUDO_PARAMETERS = {
  'ALIYUN::StackName': 'rds-seal',
  'ALIYUN::StackId': '00000000-0000-4000-8000-000000000000',
  'ALIYUN::Region': 'cn-hangzhou',
  'ALIYUN::AccountId': '234567890123456789',
  'ALIYUN::TenantId': '1234567890123456',
  'ALIYUN::ResourceGroupId': 'rg-example',
  'ALIYUN::NoValue': undefined,
};

const KEYS = {
  'the template': ['ROSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Mappings', 'Rules',
    'Conditions', 'Locals', 'Resources', 'Outputs'],
  'a parameter': ['Type', 'Label', 'Description', 'Default', 'AllowedValues', 'AllowedPattern', 'MinLength',
    'MaxLength', 'MinValue', 'MaxValue', 'ConstraintDescription', 'NoEcho', 'Confirm', 'Required', 'Placeholder',
    'TextArea', 'AssociationProperty', 'AssociationPropertyMetadata'],
  'a rule': ['RuleCondition', 'Assertions'],
  'an assertion': ['Assert', 'AssertDescription'],
  'a resource': ['Type', 'Properties', 'Condition', 'DependsOn', 'DeletionPolicy', 'Description', 'Metadata', 'Count'],
  'a local': ['Type', 'Value'],
  'an output': ['Value', 'Description', 'Condition', 'Label', 'NoEcho'],
};

/** YAML 1.1, as ROS reads it. Short forms (`!Ref`) are refused as unknown tags: the template writes functions out. */
export function read(file) {
  const document = parseDocument(readFileSync(file, 'utf8'), { version: '1.1' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) refuse(problem.message.split('\n')[0].replace(/:$/, '.'));
  return document.toJS();
}

/** Returns, for each deployment, how many keys of each created resource were checked. */
export function check(template) {
  checkKeys(template);
  checkNames(template);
  checkGroups(template);
  checkCaps(template);
  checkFailures(template);
  checkDoors(template);
  checkSecrets(template);
  const renderings = DEPLOYMENTS.map((deployment) => checkDeployment(template, deployment));
  REFUSED.forEach((deployment) => checkRefused(template, deployment));
  return renderings;
}

/** Outside of properties, too, ROS may pass over a key that it does not know. */
function checkKeys(template) {
  const keysOf = (what, map, path = '') => {
    if (!isMap(map)) refuse(`${path.slice(0, -1) || 'The file'} is not a map.`);
    const unknown = Object.keys(map).find((key) => !KEYS[what].includes(key));
    if (unknown !== undefined) refuse(`${path}${unknown} is not a key of ${what}.`);
  };
  const keysOfEach = (what, section, path) => {
    for (const [name, map] of Object.entries(section ?? {})) keysOf(what, map, `${path}${name}.`);
  };
  keysOf('the template', template);
  for (const section of ['Parameters', 'Resources']) {
    if (!isMap(template[section])) refuse(`The template has no ${section}.`);
  }
  keysOfEach('a parameter', template.Parameters, 'Parameters.');
  keysOfEach('a rule', template.Rules, 'Rules.');
  for (const [name, { Assertions }] of Object.entries(template.Rules ?? {})) {
    keysOfEach('an assertion', Assertions, `Rules.${name}.Assertions.`);
  }
  keysOfEach('a local', template.Locals, 'Locals.');
  keysOfEach('a resource', template.Resources, 'Resources.');
  keysOfEach('an output', template.Outputs, 'Outputs.');
}

/** Each name that is used exists, and each that is declared is used. */
function checkNames({ Parameters, Rules = {}, Conditions = {}, Locals = {}, Resources, Outputs = {} }) {
  const used = new Set();
  const use = (name, ...sections) => {
    if (!sections.some((section) => name in section)) return false;
    used.add(name);
    return true;
  };
  const twice = Object.keys(Locals).find((name) => name in Parameters || name in Resources);
  if (twice !== undefined) refuse(`${twice} is a local, and something else, too.`);
  const everything = { Rules, Conditions, Locals, Resources, Outputs };
  for (const { name, resource, attribute, condition, inText } of references(everything)) {
    if (condition !== undefined) {
      if (!use(condition, Conditions)) refuse(`The condition ${condition} is used and does not exist.`);
    } else if (resource !== undefined) {
      checkAttribute(Resources, resource, attribute);
    } else if (inText && name in Locals) {
      refuse(`The local ${name} stands in a text, and only Ref finds it.`);
    } else if (!use(name, Parameters, Locals, Resources, PSEUDO_PARAMETERS)) {
      refuse(`${name} is named and does not exist.`);
    }
  }
  for (const [id, { Condition, DependsOn = [] }] of Object.entries({ ...Resources, ...Outputs })) {
    if (Condition !== undefined && !use(Condition, Conditions)) {
      refuse(`The condition ${Condition} is used by ${id} and does not exist.`);
    }
    const missing = [DependsOn].flat().find((other) => !(other in Resources));
    if (missing !== undefined) refuse(`${id} depends on ${missing}, which does not exist.`);
  }
  const unused = Object.keys({ ...Parameters, ...Locals, ...Conditions }).find((name) => !used.has(name));
  if (unused !== undefined) refuse(`${unused} is declared and never used.`);
}

function checkAttribute(resources, id, attribute) {
  const type = resources[id]?.Type ?? refuse(`The resource ${id} is asked for ${attribute} and does not exist.`);
  const known = attributesOf(id, type);
  if (!known.includes(attribute)) refuse(`${id} has no attribute ${attribute}; it has ${known.join(', ')}.`);
}

/** The console shows a parameter of no group at the end, under no heading. */
function checkGroups({ Parameters, Metadata }) {
  const groups = Metadata?.['ALIYUN::ROS::Interface']?.ParameterGroups ?? [];
  const grouped = groups.flatMap((group) => group.Parameters);
  if (grouped.sort().join() !== Object.keys(Parameters).sort().join()) {
    refuse('Metadata must put each parameter, and nothing else, into one group.');
  }
}

/** Renders the template for one deployment, and returns the number of keys of each resource that is created. */
function checkDeployment(template, deployment) {
  const scope = scopeOf(template, deployment);
  const broken = brokenRule(template, scope);
  if (broken) refuse(`The rule ${broken.rule} refuses "${deployment.name}": ${broken.why}`);
  const keys = new Map();
  for (const [id, { Type, Properties = {} }] of Object.entries(template.Resources)) {
    if (!scope.exists(id)) continue;
    const properties = evaluate(Properties, scope);
    if (Type === 'ALIYUN::FC3::Trigger') checkTrigger(id, properties);
    keys.set(id, render(id, Type, properties));
  }
  for (const { Condition, Value } of Object.values(template.Outputs ?? {})) {
    if (Condition === undefined || scope.condition(Condition)) evaluate(Value, scope);
  }
  return keys;
}

function checkRefused(template, { rule, ...deployment }) {
  if (brokenRule(template, scopeOf(template, deployment))?.rule !== rule) {
    refuse(`No rule ${rule} refuses "${deployment.name}".`);
  }
}

/** The first rule that a deployment breaks, if any, and what that rule says. */
function brokenRule({ Rules = {} }, scope) {
  for (const [rule, { RuleCondition = true, Assertions }] of Object.entries(Rules)) {
    const broken = evaluate(RuleCondition, scope) && Assertions.find(({ Assert }) => !evaluate(Assert, scope));
    if (broken) return { rule, why: broken.AssertDescription };
  }
  return undefined;
}

/** What the names of the template stand for in one deployment. */
function scopeOf(template, deployment) {
  const values = { ...PSEUDO_PARAMETERS, ...parameterValues(template, deployment) };
  const scope = {
    condition: (name) => evaluate(template.Conditions[name], scope),
    exists: (id) => {
      const { Condition } = template.Resources[id];
      return Condition === undefined || scope.condition(Condition);
    },
    ref: (name) => {
      if (name in values) return values[name];
      const local = template.Locals?.[name];
      return local ? evaluate(local.Value, scope) : scope.attribute(name, 'id');
    },
    attribute: (id, attribute) => {
      if (!scope.exists(id)) refuse(`${id} is named where its condition leaves it out, in "${deployment.name}".`);
      return `${id}-${attribute}`;
    },
  };
  return scope;
}

function parameterValues({ Parameters }, { name: deployment, given }) {
  const unknown = Object.keys(given).find((parameter) => !(parameter in Parameters));
  if (unknown !== undefined) refuse(`${unknown} does not exist, but "${deployment}" of this check gives it.`);
  const values = {};
  for (const [parameter, declared] of Object.entries(Parameters)) {
    const value = given[parameter] ?? declared.Default;
    if (value === undefined) refuse(`${parameter} has no default, and "${deployment}" of this check does not give it.`);
    const broken = brokenConstraint(declared, value);
    if (broken) refuse(`${parameter} = "${value}" does not satisfy its own ${broken}.`);
    values[parameter] = value;
  }
  return values;
}

function brokenConstraint({ AllowedValues, AllowedPattern, MinLength, MaxLength }, value) {
  if (AllowedValues && !AllowedValues.includes(value)) return 'AllowedValues';
  if (AllowedPattern && !new RegExp(AllowedPattern).test(value)) return 'AllowedPattern';
  if (value.length < MinLength) return 'MinLength';
  if (value.length > MaxLength) return 'MaxLength';
  return undefined;
}
