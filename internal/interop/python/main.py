"""Seals and opens items with the official Python client, for the Go test.

Reads a JSON request a line, writes a JSON response a line.
"""
import base64
import decimal
import functools
import json
import logging
import platform
import sys
import time

import boto3
import botocore.session
import cryptography
from dynamodb_encryption_sdk.delegated_keys.jce import JceNameLocalDelegatedKey
from dynamodb_encryption_sdk.encrypted import CryptoConfig
from dynamodb_encryption_sdk.encrypted.item import decrypt_dynamodb_item, encrypt_dynamodb_item
from dynamodb_encryption_sdk.identifiers import CryptoAction, EncryptionKeyType, KeyEncodingType
from dynamodb_encryption_sdk.material_providers.aws_kms import AwsKmsCryptographicMaterialsProvider
from dynamodb_encryption_sdk.material_providers.most_recent import CachingMostRecentProvider
from dynamodb_encryption_sdk.material_providers.static import StaticCryptographicMaterialsProvider
from dynamodb_encryption_sdk.material_providers.store.meta import MetaStore
from dynamodb_encryption_sdk.material_providers.wrapped import WrappedCryptographicMaterialsProvider
from dynamodb_encryption_sdk.materials.raw import RawDecryptionMaterials, RawEncryptionMaterials
from dynamodb_encryption_sdk.structures import AttributeActions, EncryptionContext

# The client rounds encrypted numbers to the decimal context's precision when it
# opens them. DynamoDB has 38 digits, Python's default is 28.
decimal.getcontext().prec = 38

# What cannot be opened is told in the response.
logging.disable(logging.CRITICAL)

ACTIONS = {
    "encrypt": CryptoAction.ENCRYPT_AND_SIGN,
    "sign": CryptoAction.SIGN_ONLY,
    "none": CryptoAction.DO_NOTHING,
}
LOCAL = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


def from_json(value):
    """DynamoDB JSON, whose binaries are base64, to what boto3 uses."""
    ((kind, v),) = value.items()
    if kind == "B":
        return {kind: base64.b64decode(v)}
    if kind == "BS":
        return {kind: [base64.b64decode(e) for e in v]}
    if kind == "L":
        return {kind: [from_json(e) for e in v]}
    if kind == "M":
        return {kind: {k: from_json(e) for k, e in v.items()}}
    return value


def to_json(value):
    """The inverse of from_json."""
    ((kind, v),) = value.items()
    if kind == "B":
        return {kind: base64.b64encode(bytes(v)).decode()}
    if kind == "BS":
        return {kind: [base64.b64encode(bytes(e)).decode() for e in v]}
    if kind == "L":
        return {kind: [to_json(e) for e in v]}
    if kind == "M":
        return {kind: {k: to_json(e) for k, e in v.items()}}
    return value


def symmetric(encoded, algorithm):
    return JceNameLocalDelegatedKey(
        key=base64.b64decode(encoded),
        algorithm=algorithm,
        key_type=EncryptionKeyType.SYMMETRIC,
        key_encoding=KeyEncodingType.RAW,
    )


def rsa(encoded, algorithm, key_type):
    return JceNameLocalDelegatedKey(
        key=base64.b64decode(encoded), algorithm=algorithm, key_type=key_type, key_encoding=KeyEncodingType.DER
    )


@functools.lru_cache(maxsize=None)
def providers(encoded):
    """The providers to seal and to open with. Only RSA needs two."""
    p = json.loads(encoded)
    kind = p["kind"]
    if kind == "static":
        key, mac = symmetric(p["encryptionKey"], "AES"), symmetric(p["signingKey"], "HmacSHA256")
        both = StaticCryptographicMaterialsProvider(
            encryption_materials=RawEncryptionMaterials(signing_key=mac, encryption_key=key),
            decryption_materials=RawDecryptionMaterials(verification_key=mac, decryption_key=key),
        )
    elif kind == "wrapped-aes" and "signingPrivateKey" in p:
        algorithm, key = p["signingAlgorithm"], symmetric(p["encryptionKey"], "AES")
        return (
            WrappedCryptographicMaterialsProvider(
                signing_key=rsa(p["signingPrivateKey"], algorithm, EncryptionKeyType.PRIVATE),
                wrapping_key=key,
            ),
            WrappedCryptographicMaterialsProvider(
                signing_key=rsa(p["signingPublicKey"], algorithm, EncryptionKeyType.PUBLIC),
                unwrapping_key=key,
            ),
        )
    elif kind == "wrapped-aes":
        both = wrapped_aes(p)
    elif kind == "wrapped-rsa":
        private, public = EncryptionKeyType.PRIVATE, EncryptionKeyType.PUBLIC
        return (
            WrappedCryptographicMaterialsProvider(
                signing_key=rsa(p["privateKey"], "SHA256withRSA", private),
                wrapping_key=rsa(p["publicKey"], "RSA", public),
            ),
            WrappedCryptographicMaterialsProvider(
                signing_key=rsa(p["publicKey"], "SHA256withRSA", public),
                unwrapping_key=rsa(p["privateKey"], "RSA", private),
            ),
        )
    elif kind == "kms":
        client = boto3.client("kms", endpoint_url=p["kmsEndpoint"], region_name=p["region"], **LOCAL)
        both = AwsKmsCryptographicMaterialsProvider(
            key_id=p["kmsKeyID"],
            botocore_session=botocore.session.Session(),
            regional_clients={p["region"]: client},
        )
    elif kind == "most-recent":
        resource = boto3.resource(
            "dynamodb", endpoint_url=p["dynamodbEndpoint"], region_name=p["region"], **LOCAL
        )
        store = MetaStore(table=resource.Table(p["metaTable"]), materials_provider=wrapped_aes(p))
        both = CachingMostRecentProvider(provider_store=store, material_name=p["materialName"], version_ttl=600.0)
    else:
        raise ValueError("unknown provider " + kind)
    return both, both


def wrapped_aes(p):
    key = symmetric(p["encryptionKey"], "AES")
    return WrappedCryptographicMaterialsProvider(
        signing_key=symmetric(p["signingKey"], p.get("signingAlgorithm", "HmacSHA256")),
        wrapping_key=key,
        unwrapping_key=key,
    )


def handle(request):
    item = {name: from_json(v) for name, v in request["item"].items()}
    seals, opens = providers(json.dumps(request["provider"], sort_keys=True))
    bench = request.get("bench")
    sealing = (bench or request)["op"] == "encrypt"
    actions = AttributeActions(
        default_action=ACTIONS[request["default"]],
        attribute_actions={name: ACTIONS[a] for name, a in request["actions"].items()},
    )

    def operation():
        given = dict(item)  # the client takes its own attributes out of the item
        config = CryptoConfig(
            materials_provider=seals if sealing else opens,
            encryption_context=EncryptionContext(
                table_name=request["table"],
                partition_key_name=request["partitionKey"],
                sort_key_name=request["sortKey"] or None,
                attributes=given,
            ),
            attribute_actions=actions,
        )
        return encrypt_dynamodb_item(given, config) if sealing else decrypt_dynamodb_item(given, config)

    response = {}
    result = measure(bench, response, operation) if bench else operation()
    response["item"] = {name: to_json(v) for name, v in result.items()}
    return response


def measure(bench, response, operation):
    """Measures the CPU time of an operation, and returns what it returned last."""
    start = time.process_time_ns()
    while time.process_time_ns() - start < bench["warmUp"] * 1e9:
        operation()
    start, taken, operations = time.process_time_ns(), 0, 0
    while not operations or taken < bench["seconds"] * 1e9:
        result = operation()
        operations += 1
        taken = time.process_time_ns() - start
    response["operations"], response["nanoseconds"] = operations, taken
    response["runtime"] = "{} {}, cryptography {}".format(
        platform.python_implementation(), platform.python_version(), cryptography.__version__
    )
    return result


def main():
    for line in sys.stdin:
        try:
            response = handle(json.loads(line))
        except Exception as e:  # whatever it is, the Go test wants to know
            response = {"error": "{}: {}".format(type(e).__name__, e)}
        print(json.dumps(response), flush=True)


if __name__ == "__main__":
    main()
