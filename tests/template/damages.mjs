// The self-test's table: [what is damaged, how, what the refusal must say].

const FUNCTION = 'Resources/Function/Properties';
const ROLE = 'Resources/Role/Properties';
const ASSERTION = 'Rules/WebhookAndSecretComeTogether/Assertions/0';
const TARGET = 'Resources/Rule/Properties/Targets/0';

export const DAMAGES = [
  ['a number too large', set(`${FUNCTION}/Cpu`, 99), /cpu: 99/],
  ['another number too large', set('Resources/Retries/Properties/MaxAsyncRetryAttempts', 9), /Attempts: 9/],
  ['a text for a number', set(`${FUNCTION}/MemorySize`, '128'), /memorySize.*number/],
  ['a value that is not allowed', set(`${TARGET}/ErrorsTolerance`, 'SOME'), /SOME/],
  ['no function name', remove(`${FUNCTION}/FunctionName`), /functionName.*missing/],
  ['no role name', remove(`${ROLE}/RoleName`), /roleName.*missing/],

  ['an unknown key', set(`${FUNCTION}/Memory`, 128), /Function\.Memory is not/],
  ['an unknown key in a list', set(`${TARGET}/Retry`, 'ALL'), /Targets\[0\]\.Retry is not/],
  ['an unknown key in a policy', set(`${ROLE}/Policies/0/PolicyDocument/Id`, '1'), /PolicyDocument\.Id is not/],
  ['an unknown key behind a condition', set(`${FUNCTION}/LogConfig/Fn::If/1/LogStore`, 'x'), /\.LogStore is not/],
  ['a key in the wrong case', rename(`${FUNCTION}/Timeout`, 'timeout'), /Function\.timeout is not/],
  ['a key by its name in the library', rename(`${TARGET}/Id`, 'Identity'), /identity.*missing/],
  ['an unknown type', set('Resources/Function/Type', 'ALIYUN::FC4::Function'), /FC4/],
  ['an unknown section', set('Output', {}), /^Output is not/],
  ['an unknown key of a resource', set('Resources/Rule/DependOn', 'Role'), /Rule\.DependOn is not/],
  ['an unknown key of a parameter', set('Parameters/Mode/AllowedValue', ['plan']), /Mode\.AllowedValue is not/],

  ['a default that is not allowed', set('Parameters/Mode/Default', 'force'), /"force".*AllowedValues/],
  ['a default against its pattern', set('Parameters/Key/Default', 'alias/x'), /"alias\/x".*AllowedPattern/],
  ['a reference to nothing', set(`${FUNCTION}/Code/OssBucketName/Ref`, 'Bucket'), /Bucket is named/],
  ['a placeholder for nothing', set(`${ROLE}/RoleName/Fn::Sub`, '${Nobody}'), /Nobody is named/],
  ['an attribute of nothing', set('Outputs/RoleArn/Value/Fn::GetAtt/0', 'Roles'), /Roles is asked/],
  ['an attribute that does not exist', set('Outputs/FunctionArn/Value/Fn::GetAtt/1', 'Arn'), /no attribute Arn/],
  ['a resource that is not always there', set('Outputs/RoleArn/Value', { Ref: 'KeyPolicy' }), /leaves it out/],
  ['a dependency on nothing', set('Resources/Rule/DependsOn', ['Bus']), /depends on Bus/],
  ['a condition that does not exist', set('Resources/KeyPolicy/Condition', 'WithKey'), /WithKey is used/],
  ['a condition that is not used', remove('Resources/KeyPolicy/Condition'), /HasKey is declared/],
  ['a parameter that is not used', set('Parameters/Spare', { Type: 'String', Default: '' }), /Spare is declared/],
  ['a parameter in no group', remove('Metadata/ALIYUN::ROS::Interface/ParameterGroups/3/Parameters/2'), /one group/],
  ['a rule that refuses everybody', set(`${ASSERTION}/Assert`, false), /The rule Web/],
  ['no value in a list', set('Resources/KeyPolicy/Properties/Roles/0', { Ref: 'ALIYUN::NoValue' }), /in a list/],
  ['an unknown function', set(`${FUNCTION}/Timeout`, { 'Fn::Minimum': [60, 90] }), /Fn::Minimum/],
];

function set(path, value) {
  return at(path, (map, key) => {
    map[key] = value;
  });
}

function remove(path) {
  return at(path, (map, key) => (Array.isArray(map) ? map.splice(key, 1) : delete map[key]));
}

function rename(path, name) {
  return at(path, (map, key) => {
    map[name] = map[key];
    delete map[key];
  });
}

function at(path, change) {
  const keys = path.split('/');
  const last = keys.pop();
  return (template) => change(keys.reduce((node, key) => node[key], template), last);
}
