// ALIYUN::MNS::Queue, of which npm may have no class. The rules are those of the vendor's own: @alicloud/ros-cdk-mns 1.15.0,
// `lib/mns.generated.js`, which the wheel of `ros-cdk-mns` on PyPI contains.

import { refuse } from './language.mjs';

const SIZES = {
  DelaySeconds: [0, 604800],
  MaximumMessageSize: [1024, 65536],
  MessageRetentionPeriod: [60, 604800],
  PollingWaitSeconds: [0, 30],
  VisibilityTimeout: [1, 43200],
};

export const TYPE = 'ALIYUN::MNS::Queue';
export const ATTRIBUTES = ['ARN.WithSlash', 'QueueName', 'QueueUrl'];

/** Validates one queue, and returns how many keys it has. Of the rest that a queue may have, the template uses nothing. */
export function render(id, { QueueName, ...sizes }) {
  if (typeof QueueName !== 'string' || QueueName.length < 1 || QueueName.length > 256) {
    refuse(`${id} is not a valid ${TYPE}: QueueName: must be a text of 1 to 256 characters.`);
  }
  for (const [key, value] of Object.entries(sizes)) {
    const [least, most] = SIZES[key] ?? refuse(`${id}.${key} is not a property that ROS knows there.`);
    if (typeof value !== 'number' || value < least || value > most) {
      refuse(`${id} is not a valid ${TYPE}: ${key}: ${value} is not between ${least} and ${most}.`);
    }
  }
  return 1 + Object.keys(sizes).length;
}
