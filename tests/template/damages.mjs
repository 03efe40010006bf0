// The self-test's table: [what is damaged, how, what the refusal must say].

const FUNCTION = 'Resources/Function/Properties';
const DOOR = 'Resources/Door/Properties';
const TRIGGER = 'Resources/DoorTrigger/Properties';
const WORKER = 'Resources/Worker/Properties';
const ALARM = 'Resources/DroppedAlarm/Properties';
const ASSERTION = 'Rules/WebhookAndSecretComeTogether/Assertions/0';

const OF_SPELLING = [
  ['a number too large', set(`${FUNCTION}/Cpu`, 99), /cpu: 99/],
  ['no function name', remove(`${FUNCTION}/FunctionName`), /functionName.*missing/],
  ['an unknown key behind a local', set('Locals/Logs/Value/LogStore', 'x'), /\.LogStore is not/],
  ['an unknown key of a resource', set('Resources/Rule/DependOn', 'Role'), /Rule\.DependOn is not/],
  ['a default against its pattern', set('Parameters/Key/Default', 'alias/x'), /"alias\/x".*AllowedPattern/],
  ['a reference to nothing', set('Locals/Package/Value/OssBucketName/Ref', 'Bucket'), /Bucket is named/],
  ['a condition that is not there', set('Conditions/HasKeyAndDoors/Fn::And/0', 'HasKeys'), /HasKeys is used/],
  ['a condition in a list, as elsewhere', set('Conditions/HasDoors/Fn::Not', [{}]), /Fn::Not is followed/],
  ['a local in a text', set('Outputs/FailureQueue/Value', { 'Fn::Sub': '${Queue}' }), /only Ref finds it/],
  ['a local that nobody uses', set('Locals/Spare', { Value: 'x' }), /Spare is declared/],
  ['a resource that is not always there', set('Outputs/RoleArn/Value', { Ref: 'KeyPolicy' }), /leaves it out/],
  ['an address without a door', remove('Outputs/SlackUrl/Condition'), /DoorTrigger is named where/],
  ['retries of a worker that is not there', remove('Resources/WorkerRetries/Condition'), /Worker is named where/],
];

const OF_WHAT_KEEPS = [
  ['a queue that keeps too long', set('Resources/NewQueue/Properties/MessageRetentionPeriod', 1209600), /1209600/],
  ['a queue without a name', remove('Resources/NewQueue/Properties/QueueName'), /QueueName/],
  ['a queue with a misspelt key', set('Resources/NewQueue/Properties/Retention', 60), /Retention is not/],
  ['a project with an underscore', set('Resources/NewLogProject/Properties/Name', 'rds_seal'), /name: .*"rds_seal"/],
  ['logs for ever', set('Resources/NewLogstore/Properties/TTL', 36500), /ttl: 36500/],
  ['an index of nothing', remove('Resources/NewLogIndex/Properties/FullTextIndex'), /fullTextIndex.*missing/],
  ['a worker that loses what it cannot do', remove('Resources/WorkerRetries/Properties/DestinationConfig'), /Worker loses/],
  ['a function without retries', remove('Resources/Retries'), /Function has no ALIYUN::FC3::AsyncInvokeConfig/],
];

const OF_ALARMS = [
  ['a statistic that ROS does not take', set(`${ALARM}/Escalations/Critical/Statistics`, 'Value'), /statistics: "Value"/],
  ['a comparison of another product', set(`${ALARM}/Escalations/Critical/ComparisonOperator`, '>='), /comparisonOperator: ">="/],
  ['an alarm without a threshold', remove(`${ALARM}/Escalations/Critical/Threshold`), /threshold.*missing/],
  ['an alarm that nobody hears', set(`${ALARM}/ContactGroups`, []), /contactGroups/],
  ['an alarm about nothing', remove(`${ALARM}/Resources`), /resources.*missing/],
];

const OF_DOORS = [
  ['an asynchronous HTTP trigger', set(`${TRIGGER}/TriggerConfig/asyncInvocationType`, true), /synchronous/],
  ['the same, by the name of an SDK', set(`${TRIGGER}/TriggerConfig/invocationType`, 'Async'), /synchronous/],
  ['a trigger that no chat can sign for', set(`${TRIGGER}/TriggerConfig/authType`, 'function'), /no chat/],
  ['a trigger with a misspelt key', set(`${TRIGGER}/TriggerConfig/method`, ['POST']), /method is not known/],
  ['a trigger of no type', remove(`${TRIGGER}/TriggerType`), /triggerType.*missing/],
  ['strangers before the worker', set(`${TRIGGER}/FunctionName`, { 'Fn::GetAtt': ['Worker', 'FunctionName'] }), /no door/],
  ['strangers before the first function', set('Resources/Http', httpTrigger('Function')), /Http opens Function/],
  ['a door with the secret of all', variable(DOOR, 'SEAL_SECRET', 'Secret'), /must not hold Secret/],
  ['a door with the address of a sink', variable(DOOR, 'SEAL_SLACK_URL', 'SlackWebhookUrl'), /must not hold Slack/],
  ['a door with the variables of all', set(`${DOOR}/EnvironmentVariables/Fn::Add/0`, { Ref: 'Variables' }), /not hold Var/],
  ['a secret that is shown', remove('Parameters/DoorSecret/NoEcho'), /DoorSecret is given to .*NoEcho/],
  ['no cap on instances', remove('Resources/Concurrency'), /nothing caps its instances/],
  ['no cap on what strangers start', remove('Resources/DoorConcurrency'), /Door has no.*nothing caps/],
  ['no cap on requests of an instance', remove(`${WORKER}/InstanceConcurrency`), /Worker has no.*nothing caps/],
];

const OF_RULES = [
  ['no rule about the secret', remove('Rules/ThereIsASecret'), /No rule ThereIsASecret refuses "neither/],
  ['a rule that refuses everybody', set(`${ASSERTION}/Assert`, false), /The rule Web.*refuses "only/],
  ['doors without a secret', take('Rules/DoorsHaveTheirOwnSecret/Assertions', 0), /refuses "doors without a secret"/],
  ['one secret for both', take('Rules/DoorsHaveTheirOwnSecret/Assertions', 1), /refuses "one secret for both"/],
  ['one secret of KMS for both', take('Rules/DoorsHaveTheirOwnSecret/Assertions', 2), /refuses "one secret of KMS/],
  ['a door that may write elsewhere', remove('Rules/DoorsHaveTheirOwnRoles'), /refuses "a door with a role/],
  ['required sinks, and none', remove('Rules/RequiredSinksExist'), /refuses "required sinks/],
];

export const DAMAGES = [OF_SPELLING, OF_WHAT_KEEPS, OF_ALARMS, OF_DOORS, OF_RULES].flat();

/** A trigger that is fine but for the function. */
function httpTrigger(id) {
  const Properties = {
    FunctionName: { 'Fn::GetAtt': [id, 'FunctionName'] },
    TriggerName: 'http',
    TriggerType: 'http',
    TriggerConfig: { authType: 'anonymous', methods: ['POST'] },
  };
  return { Type: 'ALIYUN::FC3::Trigger', Properties };
}

/** One more variable of the door. */
function variable(of, name, parameter) {
  return set(`${of}/EnvironmentVariables/Fn::Add/1/${name}`, { Ref: parameter });
}

/** One fewer of a list. */
function take(path, index) {
  return at(`${path}/${index}`, (list, key) => list.splice(Number(key), 1));
}

function set(path, value) {
  return at(path, (map, key) => {
    map[key] = value;
  });
}

function remove(path) {
  return at(path, (map, key) => delete map[key]);
}

function at(path, change) {
  const keys = path.split('/');
  const last = keys.pop();
  return (template) => change(keys.reduce((node, key) => node[key], template), last);
}
