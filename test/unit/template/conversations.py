# SPDX-License-Identifier: Apache-2.0
"""Conversations of every shape that templates meet."""
import json

TOOLS = [
    {"type": "function", "function": {
        "name": "find_train", "description": "Finds a train.\nAsk for one way only.",
        "parameters": {"type": "object", "required": ["from", "to"], "properties": {
            "from": {"type": "string", "description": "Where it \"starts\""},
            "to": {"type": "string", "description": "Where it ends", "enum": ["Zürich", "Köln"]},
            "seats": {"type": "integer", "default": 1},
            "stops": {"type": "array", "items": {"type": "string"}},
            "options": {"type": "object", "properties": {"quiet": {"type": "boolean"}}},
            "price": {"type": ["number", "null"]}}},
        "return": {"type": "string"}}},
    {"type": "function", "function": {"name": "now", "description": "Tells the time",
                                      "parameters": {"type": "object", "properties": {}}}},
]
CALL = {"id": "call12345", "type": "function",
        "function": {"name": "find_train", "arguments": {"from": "Basel", "to": "Köln", "seats": 2, "quiet": True,
                                                         "price": 1.5, "via": None}}}
CALL_AS_TEXT = {"id": "call67890", "type": "function", "function": {"name": "now", "arguments": "{\"zone\": \"UTC\"}"}}
ODD = "  naïve <b>&amp;</b> 'x' \"y\" \\n\n\n 漢字 \U0001F600 e\u0301 \u200b\ttab \r\nend  "


def said(role, content, **more):
    return {"role": role, "content": content, **more}


SYSTEM = said("system", " Be brief. ")
TURN = [said("user", "Hello."), said("assistant", "Hi!"), said("user", "Who are you?")]
MESSAGES = {
    "empty": [],
    "one": [said("user", "Hello.")],
    "system alone": [SYSTEM],
    "system": [SYSTEM, *TURN],
    "turns": TURN,
    "ends with an answer": TURN[:2],
    "two users": [said("user", "a"), said("user", "b")],
    "starts with an answer": [said("assistant", "Well?"), said("user", "Well.")],
    "odd text": [said("system", ODD), said("user", ODD), said("assistant", ODD)],
    "empty text": [said("user", ""), said("assistant", ""), said("user", " ")],
    "null text": [said("user", "a"), said("assistant", None), said("user", None)],
    "no text": [{"role": "user"}, {"role": "assistant"}],
    "other roles": [said("developer", "d"), said("user", "u"), said("critic", "c"), said("tool", "t")],
    "parts": [said("system", [{"type": "text", "text": "s"}]),
              said("user", [{"type": "image"}, {"type": "text", "text": "What is it?"}, {"type": "text", "text": " \n"}]),
              said("assistant", [{"type": "text", "text": "A cat."}]), said("user", [])],
    "tools": [SYSTEM, said("user", "A train to Köln?"), said("assistant", None, tool_calls=[CALL]),
              said("tool", "{\"train\": \"EC 6\"}", name="find_train", tool_call_id="call12345"),
              said("assistant", "EC 6."), said("user", "Thanks.")],
    "two calls": [said("user", "q"), said("assistant", "Let me see.", tool_calls=[CALL, CALL_AS_TEXT]),
                  said("tool", "one", name="find_train", tool_call_id="call12345"),
                  said("tool", {"two": [1, 2.5, None]}, name="now", tool_call_id="call67890")],
    "no calls": [said("user", "q"), said("assistant", "a", tool_calls=[]), said("user", "r", tool_calls=None)],
    "thinking": [said("user", "2+2?"), said("assistant", "<think>\nSum it.\n</think>\n\n4"), said("user", "3+3?"),
                 said("assistant", "6", reasoning_content="Easy.\n"), said("user", "?"),
                 said("assistant", "", thinking="Hm.", reasoning="Hm?")],
    "long": [said("user" if i % 2 == 0 else "assistant", f"Turn {i}") for i in range(41)],
    "not alternating": [said("system", "s"), said("assistant", "a"), said("assistant", "b"), said("system", "t")],
}
EXTRAS = [
    {},
    {"add_generation_prompt": False},
    {"tools": TOOLS},
    {"tools": [], "add_generation_prompt": True, "enable_thinking": False},
    {"tools": TOOLS, "enable_thinking": True, "documents": [{"title": "T", "text": "Ünïcode"}], "date_string": "1 Jan 2025",
     "tools_in_user_message": False, "keep_past_thinking": True, "reasoning_effort": "high"},
]


def variables():
    """(what it is, JSON of a template's variables)"""
    base = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "tools": None, "documents": None,
            "add_generation_prompt": True}
    for name, messages in MESSAGES.items():
        for number, extra in enumerate(EXTRAS):
            yield f"{name} {number}", json.dumps({**base, "messages": messages, **extra}, ensure_ascii=number % 2 == 0)
    without = {"messages": TURN, "add_generation_prompt": True, "tools": None}
    yield "no special tokens", json.dumps(without)
