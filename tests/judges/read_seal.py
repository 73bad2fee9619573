"""Run in the judges' environment: cwt and pycose say whether seals verify. In: JSON on stdin. Out: one JSON line."""

import json
import sys

import cwt
from pycose.keys import EC2Key
from pycose.keys.curves import P256
from pycose.messages import Sign1Message


def by_cwt(token, x, y, kid):
    key = cwt.COSEKey.new({1: 2, 2: kid, 3: -7, -1: 1, -2: x, -3: y})
    try:
        claims = cwt.CWT.new(expires_in=3600, leeway=60).decode(token, key)
    except Exception as error:  # any refusal is a refusal
        return {"refused": type(error).__name__}
    facts = claims[-65537]
    return {"number": facts[1], "full_name": facts[3], "digest": facts[7].hex()}


def by_pycose(token, x, y, kid):
    try:
        message = Sign1Message.decode(token)
        message.key = EC2Key(crv=P256, x=x, y=y)
        return {"verified": message.verify_signature()}
    except Exception as error:  # any refusal is a refusal
        return {"refused": type(error).__name__}


asked = json.load(sys.stdin)
point, kid = bytes.fromhex(asked["point"]), bytes.fromhex(asked["kid"])
key = (point[1:33], point[33:65], kid)
answers = [[by_cwt(bytes.fromhex(token), *key), by_pycose(bytes.fromhex(token), *key)] for token in asked["tokens"]]
print(json.dumps(answers))
