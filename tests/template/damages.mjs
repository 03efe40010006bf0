// The self-test's table: [what is damaged, how, what the refusal must say].

const FUNCTION = 'Resources/Function/Properties';
const ROLE = 'Resources/Role/Properties';
const ASSERTION = 'Rules/WebhookAndSecretComeTogether/Assertions/0';

export const DAMAGES = [
  ['a number too large', set(`${FUNCTION}/Cpu`, 99), /cpu: 99/],
  ['no function name', remove(`${FUNCTION}/FunctionName`), /functionName.*missing/],
  ['an unknown key behind a condition', set(`${FUNCTION}/LogConfig/Fn::If/1/LogStore`, 'x'), /\.LogStore is not/],
  ['an unknown key of a resource', set('Resources/Rule/DependOn', 'Role'), /Rule\.DependOn is not/],
  ['a default against its pattern', set('Parameters/Key/Default', 'alias/x'), /"alias\/x".*AllowedPattern/],
  ['a reference to nothing', set(`${FUNCTION}/Code/OssBucketName/Ref`, 'Bucket'), /Bucket is named/],
  ['a resource that is not always there', set('Outputs/RoleArn/Value', { Ref: 'KeyPolicy' }), /leaves it out/],
  ['an asynchronous HTTP trigger', set('Resources/Http', httpTrigger({ asyncInvocationType: true })), /Http.*synchronous/],
  ['the same, by the name of an SDK', set('Resources/Http', httpTrigger({ invocationType: 'Async' })), /Http.*synchronous/],
  ['no cap on instances', remove('Resources/Concurrency'), /nothing caps its instances/],
  ['no rule about the secret', remove('Rules/ThereIsASecret'), /No rule ThereIsASecret refuses "neither/],
  ['a rule that refuses everybody', set(`${ASSERTION}/Assert`, false), /The rule Web.*refuses "only/],
];

/** A trigger that is fine but for what is given. */
function httpTrigger(config) {
  const Properties = {
    FunctionName: { Ref: 'FunctionName' },
    TriggerName: 'http',
    TriggerType: 'http',
    TriggerConfig: { authType: 'anonymous', methods: ['POST'], ...config },
  };
  return { Type: 'ALIYUN::FC3::Trigger', Properties };
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
