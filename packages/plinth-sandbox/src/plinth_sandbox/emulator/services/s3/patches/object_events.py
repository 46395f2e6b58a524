"""S3: events about objects, for buckets that send them to EventBridge.

Sources: S3 User Guide, "EventBridge event message structure" and "Using EventBridge" (read 2026-11-22). moto sends them
to every bus instead of the default one, with made-up members, and to targets without asking for a permission.
"""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random
from moto.s3 import models, notifications
from moto.s3.notifications import S3NotificationEvent

from plinth_sandbox.emulator.services.events.executor import outbox

_REASONS = {
    S3NotificationEvent.OBJECT_CREATED_PUT_EVENT: "PutObject",
    S3NotificationEvent.OBJECT_CREATED_POST_EVENT: "POST Object",
    S3NotificationEvent.OBJECT_CREATED_COPY_EVENT: "CopyObject",
    S3NotificationEvent.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT: "CompleteMultipartUpload",
    S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT: "DeleteObject",
    S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT: "DeleteObject",
}
_CHANGES = ("DeleteObjectTagging", "PutObjectAcl", "PutObjectTagging", "RestoreObject")
"""Operations that change an object without replacing it."""
_DELETIONS = {
    S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT: "Permanently Deleted",
    S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT: "Delete Marker Created",
}


def patch_moto() -> None:
    notifications._send_event_bridge_message = _publish
    # moto's event of a new bucket is none that S3 sends to EventBridge.
    models.events_send_notification = lambda **_: None
    mark = models.S3Backend._set_delete_marker

    def mark_and_publish(self: models.S3Backend, bucket_name: str, key_name: str) -> Any:
        marker = mark(self, bucket_name, key_name)
        event = S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        bucket = self.get_bucket(bucket_name)
        configuration = bucket.notification_configuration
        if configuration is not None and configuration.event_bridge is not None:
            _publish(bucket.account_id, bucket, event, marker)
        return marker

    models.S3Backend._set_delete_marker = mark_and_publish


def _publish(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
    del account_id  # of the caller's backend; events belong to the owner of the bucket
    event = S3NotificationEvent(event_name)
    if event not in _REASONS and outbox.operation() not in _CHANGES:
        # moto sets the access control list and the tags of every object that it creates.
        return
    changed: dict[str, Any] = {"key": key.name}
    if event not in _DELETIONS:
        changed |= {"size": key.size, "etag": key.etag.strip('"')}
    if bucket.is_versioned:
        changed["version-id"] = str(key.version_id)
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": changed,
        "request-id": mock_random.get_random_hex(16).upper(),
        "requester": outbox.requester(),
        "source-ip-address": "127.0.0.1",
    }
    if event in _REASONS:
        changed["sequencer"] = outbox.sequencer()
        detail["reason"] = _REASONS[event]
    if event in _DELETIONS:
        detail["deletion-type"] = _DELETIONS[event]
    detail_type = "Object Deleted" if event in _DELETIONS else notifications._detail_type(event)
    outbox.publish(
        bucket.account_id, bucket.region_name, "aws.s3", detail_type, detail, resources=[f"arn:aws:s3:::{bucket.name}"]
    )
