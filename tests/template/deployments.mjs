// For whom the template is rendered, and whom its rules have to refuse.

const LEAST = {
  CodeBucket: 'example-code',
  CodeObject: 'rds-seal/0.1.0.zip',
  Secret: 'example-secret-of-32-bytes-or-more',
};

const DOORS = { Doors: 'both', DoorSecret: 'another-secret-of-32-bytes-or-more' };

/** From nothing that may be left out to everything: between them, every branch is rendered. */
export const DEPLOYMENTS = [
  { name: 'only what must be given', given: LEAST },
  { name: 'doors, and nothing else', given: { ...LEAST, ...DOORS } },
  { name: 'webhooks alone', given: { ...LEAST, ...DOORS, Doors: 'webhook' } },
  {
    name: 'everything but doors',
    given: {
      ...LEAST,
      MemberRoles: 'acs:ram::6543210987654321:role/rds-seal',
      ContactGroup: 'on-call',
      LogProject: 'example-audit',
    },
  },
  {
    name: 'everything given',
    given: {
      FunctionName: 'seal-production',
      CodeBucket: 'example-code',
      CodeObject: 'rds-seal/0.1.0.zip',
      Secret: 'example-secret-of-32-bytes-or-more',
      Variables: { OPS_URL: 'https://example.com/hook' },
      Mode: 'enforce',
      Key: 'key-hzz62bb4a8d3j4qp9jo7g',
      Secrets: 'rds-seal/*',
      SecretsKey: 'key-hzz62bb4a8d3j4qp9jo7h',
      MemberRoles: 'acs:ram::6543210987654321:role/rds-seal,acs:ram::6543210987654322:role/rds-seal',
      ...DOORS,
      DoorVariables: { SLACK_SIGNING_SECRET: 'example' },
      DoorSecrets: 'rds-seal-door',
      DoorMemberRoles: 'acs:ram::6543210987654321:role/rds-seal-reader',
      SlackWebhookUrl: 'https://hooks.example.com/services/T0/B0/example',
      WebhookUrl: 'https://siem.example.com/hooks/rds',
      WebhookSecret: 'example-secret',
      SinksRequired: 'true',
      ReportBus: 'compliance',
      FailureQueue: 'rds-seal-failed',
      LogProject: 'example-audit',
      Logstore: 'example-audit',
      ContactGroup: 'on-call',
    },
  },
];

/** What the function would not start with, or what would undo the split, and which rule refuses it before. */
export const REFUSED = [
  {
    name: 'neither a secret nor one that KMS keeps',
    given: { Mode: 'enforce', CodeBucket: 'example-code', CodeObject: 'rds-seal/0.1.0.zip' },
    rule: 'ThereIsASecret',
  },
  {
    name: 'a webhook without its secret',
    given: { ...LEAST, WebhookUrl: 'https://siem.example.com/hooks/rds' },
    rule: 'WebhookAndSecretComeTogether',
  },
  { name: 'required sinks, and none', given: { ...LEAST, SinksRequired: 'true' }, rule: 'RequiredSinksExist' },
  { name: 'doors without a secret', given: { ...LEAST, Doors: 'chat' }, rule: 'DoorsHaveTheirOwnSecret' },
  {
    name: 'one secret for both',
    given: { ...LEAST, ...DOORS, DoorSecret: LEAST.Secret },
    rule: 'DoorsHaveTheirOwnSecret',
  },
  {
    name: 'one secret of KMS for both',
    given: { ...LEAST, ...DOORS, Secrets: 'rds-seal', DoorSecrets: 'rds-seal' },
    rule: 'DoorsHaveTheirOwnSecret',
  },
  {
    name: 'a door with a role that may write',
    given: {
      ...LEAST,
      ...DOORS,
      MemberRoles: 'acs:ram::6543210987654321:role/rds-seal',
      DoorMemberRoles: 'acs:ram::6543210987654321:role/rds-seal',
    },
    rule: 'DoorsHaveTheirOwnRoles',
  },
];
