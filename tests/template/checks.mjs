// What is checked: spelling and names, then a rendering of each resource for two deployments.

import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { evaluate, isMap, references, refuse } from './language.mjs';
import { attributesOf, render } from './vendor.mjs';

/** One leaves out whatever may be left out, the other gives everything: between them, every branch is rendered. */
const DEPLOYMENTS = [
  {
    name: 'only what must be given',
    given: {
      CodeBucket: 'example-code',
      CodeObject: 'rds-seal/0.1.0.zip',
      Secret: 'example-secret-of-32-bytes-or-more',
    },
  },
  {
    name: 'everything given',
    given: {
      FunctionName: 'seal-production',
      CodeBucket: 'example-code',
      CodeObject: 'rds-seal/0.1.0.zip',
      Secret: 'example-secret-of-32-bytes-or-more',
      Mode: 'enforce',
      Key: 'key-hzz62bb4a8d3j4qp9jo7g',
      Secrets: 'rds-seal/*',
      SecretsKey: 'key-hzz62bb4a8d3j4qp9jo7h',
      SlackWebhookUrl: 'https://hooks.example.com/services/T0/B0/example',
      WebhookUrl: 'https://siem.example.com/hooks/rds',
      WebhookSecret: 'example-secret',
      FailureQueue: 'rds-seal-failed',
      LogProject: 'example-audit',
      Logstore: 'example-audit',
    },
  },
];

/** What the function would not start with, and which rule refuses it before. */
const REFUSED = [
  {
    name: 'neither a secret nor one that KMS keeps',
    given: { Mode: 'enforce', CodeBucket: 'example-code', CodeObject: 'rds-seal/0.1.0.zip' },
    rule: 'ThereIsASecret',
  },
  {
    name: 'a webhook without its secret',
    given: { ...DEPLOYMENTS[0].given, WebhookUrl: 'https://siem.example.com/hooks/rds' },
    rule: 'WebhookAndSecretComeTogether',
  },
];

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
    'Conditions', 'Resources', 'Outputs'],
  'a parameter': ['Type', 'Label', 'Description', 'Default', 'AllowedValues', 'AllowedPattern', 'MinLength',
    'MaxLength', 'MinValue', 'MaxValue', 'ConstraintDescription', 'NoEcho', 'Confirm', 'Required', 'Placeholder',
    'TextArea', 'AssociationProperty', 'AssociationPropertyMetadata'],
  'a rule': ['RuleCondition', 'Assertions'],
  'an assertion': ['Assert', 'AssertDescription'],
  'a resource': ['Type', 'Properties', 'Condition', 'DependsOn', 'DeletionPolicy', 'Description', 'Metadata', 'Count'],
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
  REFUSED.forEach((deployment) => checkRefused(template, deployment));
  return DEPLOYMENTS.map((deployment) => checkDeployment(template, deployment));
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
  keysOfEach('a resource', template.Resources, 'Resources.');
  keysOfEach('an output', template.Outputs, 'Outputs.');
}

/** Each name that is used exists, and each that is declared is used. */
function checkNames({ Parameters, Rules = {}, Conditions = {}, Resources, Outputs = {} }) {
  const used = new Set();
  const use = (name, ...sections) => {
    if (!sections.some((section) => name in section)) return false;
    used.add(name);
    return true;
  };
  for (const { name, resource, attribute, condition } of references({ Rules, Conditions, Resources, Outputs })) {
    if (condition !== undefined) {
      if (!use(condition, Conditions)) refuse(`The condition ${condition} is used and does not exist.`);
    } else if (resource !== undefined) {
      checkAttribute(Resources, resource, attribute);
    } else if (!use(name, Parameters, Resources, PSEUDO_PARAMETERS)) {
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
  const unused = Object.keys({ ...Parameters, ...Conditions }).find((name) => !used.has(name));
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

/** What anybody can cause is paid for: each function says how many instances of it there may be. */
function checkCaps({ Resources }) {
  const all = Object.entries(Resources);
  const capped = all.filter(([, { Type }]) => Type === 'ALIYUN::FC3::ConcurrencyConfig')
    .map(([, { Properties }]) => Properties.FunctionName['Fn::GetAtt'][0]);
  const free = all.find(([id, { Type }]) => Type === 'ALIYUN::FC3::Function' && !capped.includes(id));
  if (free) refuse(`${free[0]} has no ALIYUN::FC3::ConcurrencyConfig: nothing caps its instances.`);
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
  evaluate(template.Outputs ?? {}, scope);
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

/**
 * A door over HTTP tells its caller how it went. Called asynchronously, only the platform would hear, and to it every answer
 * of such a door is a success: a webhook's 503 would be lost.
 */
function checkTrigger(id, { TriggerType, TriggerConfig }) {
  if (TriggerType !== 'http') return;
  const config = typeof TriggerConfig === 'string' ? JSON.parse(TriggerConfig) : TriggerConfig;
  const mode = Object.entries(config ?? {}).find(([key]) => /^(async)?invocationType$/i.test(key));
  if (mode && ![false, 'false', 'Sync'].includes(mode[1])) {
    refuse(`${id} is an HTTP trigger and must be synchronous, but its ${mode[0]} is ${mode[1]}.`);
  }
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
    ref: (name) => (name in values ? values[name] : scope.attribute(name, 'id')),
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
