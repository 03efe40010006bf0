"""What each check has to see: the check, the file, a text in it, what stands there instead, and what is said of it."""

TERRAFORM = "deploy/terraform/"
SERVERLESS = "deploy/serverless-devs/s.yaml"
KUBERNETES = "deploy/kubernetes/rds-seal.yaml"
ORG = "deploy/org/"

DAMAGES = [
    ("terraform", TERRAFORM + "main.tf", "timeout              = 60", "time_out = 60", "time_out: is not known there"),
    ("terraform", TERRAFORM + "main.tf", "cpu         = 0.1", "cpu         = 99", "99 is not between"),
    ("terraform", TERRAFORM + "events.tf", '    target_id = "function"\n', "", "target_id is missing"),
    ("terraform", TERRAFORM + "events.tf", '"EXPONENTIAL_DECAY_RETRY"', '"FOR_EVER"', "FOR_EVER is none of"),
    ("terraform", TERRAFORM + "roles.tf", "var.keys", "var.key", "var.key: no such variable"),
    ("terraform", TERRAFORM + "roles.tf", "ram_role.this[each.key].role", "ram_role.that[each.key].role", "no such resource"),
    ("terraform", TERRAFORM + "outputs.tf", "url_internet : \"\"", "url_internet : \"", "Unexpected token"),
    ("serverless", SERVERLESS, "      timeout: 60", "      timeOut: 60", "'timeOut' was unexpected"),
    ("serverless", SERVERLESS, "diskSize: 512", "diskSize: 600", "600 is not one of"),
    ("serverless", SERVERLESS, "authType: anonymous", "authType: none", "'none' is not one of"),
    ("serverless", SERVERLESS, "cronExpression:", "cron:", "'cronExpression' is a required property"),
    ("serverless", SERVERLESS, "${vars.failures}", "${vars.failure}", "there is no failure among vars"),
    ("org", ORG + "stack-group.yml", "TemplateURL:", "TemplateUri:", "Group.TemplateUri is not known there"),
    ("org", ORG + "stack-group.yml", "      RegionIds:\n        - Ref: Region\n", "", "regionIds: required but missing"),
    ("org", ORG + "stack-group.yml", "TimeoutInMinutes: 60", "TimeoutInMinutes: soon", "timeoutInMinutes"),
    ("org", ORG + "stack-group.yml", "Ref: PermissionModel\n      Auto", "Ref: Model\n      Auto", "Model is named"),
    ("org", ORG + "member-role.json", '"RoleName": "rds-seal"', '"Name": "rds-seal"', "roleName: required but missing"),
    ("kubernetes", KUBERNETES, "containerPort: 9000", "containerPort: http", "'http' is not of type 'integer'"),
    ("kubernetes", KUBERNETES, "  selector:\n    match", "  selection:\n    match", "'selector' is a required"),
    ("kubernetes", KUBERNETES, "readOnlyRootFile", "readOnlyRootDisk", "'readOnlyRootDisksystem' was unexpected"),
    ("kubernetes", KUBERNETES, "  CI_WEBHOOK_SECRET:", "  CI_SECRET:", "has no CI_WEBHOOK_SECRET"),
    ("kubernetes", KUBERNETES, "apiVersion: apps/v1", "apiVersion: apps/v2", "apps/v2 is no version"),
    ("docker", "Dockerfile", "USER 65532:65532", "USER root", "DL3002"),
    ("docker", "Dockerfile", "COPY src src", "ADD src src", "DL3020"),
    ("docker", "Dockerfile", "WORKDIR /src", "WORKDIR src", "DL3000"),
    ("docker", "Dockerfile", 'CMD ["serve", "--listen", "0.0.0.0:9000"]', "CMD serve", "DL3025"),
    ("docker", "Dockerfile", ":nonroot@sha256:", ":latest # ", "DL3007"),
]
