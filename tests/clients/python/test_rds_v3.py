"""RDS by ACS3-HMAC-SHA256, with the vendor's typed SDK and its generic call."""

import cases
from alibabacloud_rds20140815 import models
from alibabacloud_rds20140815.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from clients import V3, config
from cloud import KEY, REGION, Cloud, control
from operations import RDS


class EveryRdsCallByV3(cases.EveryCall):
    operations, clients = RDS, V3


class RdsByItsModels(Cloud):
    """Answers as the SDK's own models read them."""

    def setUp(self):
        super().setUp()
        self.rds = Client(config())

    def test_an_instance_is_sealed_once_and_its_backups_show_it(self):
        request = models.EnableBackupEncryptionRequest(dbinstance_name="rm-1", encryption_key=KEY)
        self.assertEqual(self.rds.enable_backup_encryption(request).body.dbinstance_id, "rm-1")
        with self.assertRaises(ClientException) as again:
            self.rds.enable_backup_encryption(request)
        self.assertEqual(
            (again.exception.code, again.exception.status_code), ("BackupEncryptionAlreadyEnabled", 400)
        )
        # A nightly backup, and a client whose clock is with the cloud's.
        control("POST", "clock/advance", {"seconds": 86400})
        with V3[0].clock_off_by(86400):
            backups = self.rds.describe_backups(models.DescribeBackupsRequest(dbinstance_id="rm-1")).body
        self.assertEqual((backups.page_number, backups.total_record_count), ("1", "1"))
        self.assertIn(KEY, backups.items.backup[0].encryption)
        self.assertEqual(backups.items.backup[0].backup_status, "Success")

    def test_instances_are_listed_page_by_page(self):
        found, token = [], None
        for _ in range(3):
            request = models.DescribeDBInstancesRequest(region_id=REGION, max_results=2, next_token=token)
            body = self.rds.describe_dbinstances(request).body
            found += [instance.dbinstance_id for instance in body.items.dbinstance]
            token = body.next_token
        self.assertEqual((sorted(found), token), ([f"rm-{number}" for number in range(5)], None))
        request = models.DescribeDBInstancesRequest(region_id=REGION, page_size=3, page_number=2, instance_level=1)
        body = self.rds.describe_dbinstances(request).body
        self.assertEqual((body.page_number, body.page_record_count, body.total_record_count), (2, 2, 5))
        self.assertEqual({instance.category for instance in body.items.dbinstance}, {"HighAvailability"})

    def test_an_instance_has_the_facts_its_model_has(self):
        request = models.DescribeDBInstanceAttributeRequest(dbinstance_id="rm-2")
        (one,) = self.rds.describe_dbinstance_attribute(request).body.items.dbinstance_attribute
        facts = (one.dbinstance_status, one.engine, one.engine_version, one.category, one.dbinstance_storage_type)
        self.assertEqual(facts, ("Running", "MySQL", "8.0", "HighAvailability", "local_ssd"))
        self.assertEqual((one.region_id, one.lock_mode, one.dbinstance_type), (REGION, "Unlock", "Primary"))
        self.assertRegex(one.creation_time, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_support_and_authorization_have_the_types_of_their_models(self):
        request = models.CheckRegionSupportBackupEncryptionRequest(region_id=REGION, dbinstance_id="rm-1")
        self.assertIs(self.rds.check_region_support_backup_encryption(request).body.support_backup_encryption, True)
        control("PUT", "unsupported_regions", [REGION])
        self.assertIs(self.rds.check_region_support_backup_encryption(request).body.support_backup_encryption, False)
        request = models.CheckBackupEncryptionAuthorizedRequest(region_id=REGION)
        self.assertEqual(self.rds.check_backup_encryption_authorized(request).body.authorization_state, "1")
        request = models.AuthorizeBackupEncryptionRequest(region_id=REGION)
        self.assertEqual(self.rds.authorize_backup_encryption(request).body.authorization_state, 1)

    def test_a_backup_policy_says_when_the_next_backup_is_due(self):
        request = models.DescribeBackupPolicyRequest(dbinstance_id="rm-1")
        policy = self.rds.describe_backup_policy(request).body
        self.assertRegex(policy.preferred_next_backup_time, r"^\d{4}-\d\d-\d\dT\d\d:\d\dZ$")
        self.assertEqual(policy.backup_retention_period, 7)

    def test_tags_are_found_by_resource_and_by_tag(self):
        tag = [models.ListTagResourcesRequestTag(key="env", value="é")]
        for named in [{"resource_id": ["rm-1", "rm-3"]}, {"tag": tag}]:
            request = models.ListTagResourcesRequest(region_id=REGION, resource_type="INSTANCE", **named)
            rows = self.rds.list_tag_resources(request).body.tag_resources.tag_resource
            self.assertEqual({(row.tag_key, row.tag_value) for row in rows}, {("env", "é")})
            self.assertEqual(len(rows), 2 if "resource_id" in named else 5)

    def test_special_characters_arrive_as_they_were_meant(self):
        control("PUT", "instances", [{"id": "rm-1"}])
        for key in ["a b+c/d=e~f*g", "é备份🔒", "!\"#$%&'()*+,:;<=>?@[]^`{|}", "100%2F", " "]:
            with self.subTest(key=key):
                request = models.EnableBackupEncryptionRequest(dbinstance_name="rm-1", encryption_key=key)
                with self.assertRaises(ClientException) as refused:
                    self.rds.enable_backup_encryption(request)
                # Signed well, and then no key of that name.
                self.assertEqual(refused.exception.code, "KmsApiError")
                self.assertEqual(control("GET", "calls")[-1]["key"], key)
