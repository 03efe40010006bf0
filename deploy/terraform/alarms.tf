# Alarms, where somebody is named who hears them.

locals {
  on_functions = {
    # A delivery that will come again is an error too: three minutes of them are worth a look.
    errors = { metric = "FunctionFunctionErrors", operator = ">=", threshold = "1", times = 3 }
    # What waits on purpose, for an instance to be ready, may be counted as well [inferred].
    backlog = { metric = "FunctionAsyncMessagesBacklogV2", operator = ">=", threshold = "100", times = 15 }
    dropped = { metric = "FunctionAsyncEventExpiredDropped", operator = ">=", threshold = "1", times = 1 }
  }

  # Each of those for each function that has a queue; the door has errors alone.
  watched = merge([for function in local.functions : {
    for what, alarm in local.on_functions : "${function}-${what}" => merge(alarm, { function = function })
    if what == "errors" || function != "door"
  }]...)

  # The timer calls each minute. Whether the metric is then 0 or absent, in which case nothing is said, is not settled.
  heartbeat = {
    events-silent = { metric = "FunctionTotalInvocations", operator = "<", threshold = "1", times = 10, function = "events" }
  }
}

resource "alicloud_cms_alarm" "function" {
  for_each = { for name, alarm in merge(local.watched, local.heartbeat) : name => alarm if length(var.contact_groups) > 0 }

  name           = "${var.name}-${each.key}"
  project        = "acs_fc"
  metric         = each.value.metric
  period         = 60
  contact_groups = var.contact_groups

  metric_dimensions = jsonencode([{ region = local.region, functionName = local.names[each.value.function] }])

  escalations_critical {
    statistics          = var.statistics
    comparison_operator = each.value.operator
    threshold           = each.value.threshold
    times               = each.value.times
  }
}

# What nobody could handle waits here for a person.
resource "alicloud_cms_alarm" "dead_letters" {
  count = length(var.contact_groups) > 0 ? 1 : 0

  name           = "${var.name}-dead-letters"
  project        = "acs_mns_new"
  metric         = "ActiveMessages"
  period         = 300
  contact_groups = var.contact_groups

  metric_dimensions = jsonencode([{ userId = local.account, region = local.region, queue = local.failure_queue }])

  escalations_critical {
    statistics          = "Maximum"
    comparison_operator = ">="
    threshold           = "1"
    times               = 1
  }
}
