// SPDX-License-Identifier: MIT
// What codes mean, for agents.

/** @type {Record<string, string>} */
export const reasons = {
  customer_request: "Asked for a person",
  low_confidence: "The bot was not sure enough",
  no_knowledge: "No article answers this",
  complaint: "Complaint",
  sensitive_topic: "Sensitive matter",
  safety: "Safety",
  loop: "Going round in circles",
  guardrail: "An answer was held back",
  provider_error: "The model is out of order",
  turn_limit: "Too many turns with the bot",
  rule: "A rule sends this to a person",
  agent_takeover: "Taken over by an agent",
};

/** @type {Record<string, string>} */
export const outcomes = {
  answer: "Answered",
  clarify: "Asked back",
  decline: "Declined as out of scope",
  handoff: "Handed to a person",
  superseded: "Stopped: somebody else took the word",
};

/** @type {Record<string, string>} */
export const guards = {
  unsupported: "is not what its passages say",
  no_citation: "names no passage that it rests on",
  promise: "promises something that only a person may promise",
  action: "claims that something was done",
  human_claim: "claims to be a person",
  feeling: "claims to feel something",
  handoff: "speaks of handing over, which the program decides",
  disclaimer: "limits responsibility or rights",
  threat: "threatens",
  tone: "is not courteous",
  advertising: "advertises",
  link: "leads to an address that no passage names",
  markup: "holds markup that is not allowed",
  leak: "gives away the instructions of the model",
  placeholder: "has a hole that was not filled",
  unknown: "says that it does not know",
};

/** @type {Record<string, string>} */
export const states = {
  bot: "With the bot",
  queued: "Waiting for a person",
  awaiting_hours: "Promised for opening hours",
  human: "With an agent",
  waiting_customer: "Waiting for the customer",
  resolved: "Resolved",
  closed: "Closed",
};

/** @type {Record<string, string>} */
export const priorities = { low: "Low", normal: "Normal", high: "High", urgent: "Urgent" };

/** @type {Record<string, string>} What was done with a case. */
export const steps = {
  claimed: "took it",
  released: "released it",
  resolved: "resolved it",
  reopened: "was reopened",
  withdrawn: "was withdrawn by the customer",
  taken_over: "took over from the bot",
  transferred: "transferred it",
  noted: "wrote a note",
  undone: "took the last step back",
  priority: "changed the priority",
  assigned: "was given it",
  waits: "waits for the customer",
  snoozed: "snoozed it",
  woken: "took it up again",
  escalated: "asked a supervisor",
  return_proposed: "asked the customer whether the bot may go on",
  return_declined: "was told that the bot shall not go on",
  handed_back: "gave it to the bot",
  linked: "linked it to a cause",
  unlinked: "took it off its cause",
  merged: "merged it into another case",
  took_in: "took another case in",
  blocked: "blocked the customer",
  unblocked: "lifted the block",
  promised: "promised a date",
  promise_kept: "kept the promise",
  promise_broken: "broke the promise",
};

/** @type {Record<string, string>} What is due, with "by" and a time behind it. */
export const clocks = {
  acknowledgement: "Acknowledge",
  first_response: "First reply",
  next_response: "Reply",
  resolution: "Resolve",
};

/** @type {Record<string, string>} What became of a date that was promised. */
export const promises = {
  open: "Still to be kept",
  kept: "Kept",
  broken: "Broken",
  dropped: "Void: nobody waits for it any more, or another date took its place",
};

/** @type {[string, string, string][]} Why somebody may be kept from writing. */
export const blocks = [
  ["harassment", "Harassment", "Insults, or the same again and again after a request to stop."],
  ["threats", "Threats", "Against you, colleagues or others. Danger to somebody is still received."],
  ["spam", "Spam", "Advertising, or floods of messages."],
];

/** @type {Record<string, string>} What a reply to all would do in a case. */
export const audience = {
  sent: "gets it",
  with_colleague: "a colleague has it and gets a note",
  incomplete: "does not get it, without a value for",
  erased: "was erased",
};

/** @type {Record<string, string>} What it did, behind a number. */
export const told = {
  sent: "sent",
  sent_before: "had it already",
  with_colleague: "with a colleague, who finds a note",
  over: "over meanwhile, not sent",
  failed: "failed",
};

/** @type {[string, string, string][]} */
export const resolutions = [
  ["solved", "Solved", "The customer has what was needed."],
  ["information_given", "Information given", "The question is answered; nothing had to be done."],
  ["passed_on", "Passed on", "Another team goes on with it."],
  ["not_solved", "Not solved", "Nothing more can be done here; the customer knows why."],
  ["no_reply", "No reply", "The customer has not answered."],
];

/**
 * A code that has no words of its own, readable all the same.
 * @param {Record<string, string>} words
 * @param {string|undefined} code
 */
export function say(words, code) {
  return code ? (words[code] ?? code.replaceAll("_", " ").replaceAll(".", ": ")) : "";
}

/** @param {number} n */
export function share(n) {
  return n.toFixed(2);
}

/** @type {Record<string, string>} What decided for a person; kinds of guards are among them. */
export const detectors = {
  human_request: "asks for a person",
  button: "pressed the button",
  agent: "an agent took over here",
  complaint: "complains",
  safety: "somebody may be in danger",
  sensitive_topic: "sensitive matter",
  loop: "repeats the question",
  turn_limit: "too many turns",
  confidence: "confidence",
  ...Object.fromEntries(Object.entries(guards).map(([kind, why]) => [kind, `a sentence ${why}`])),
};

/**
 * Why something was held back, in words that follow "It".
 * @param {string|undefined} code
 */
export function heldBecause(code) {
  return (code && guards[code]) || `was stopped by a guard${code ? ` (${code.replaceAll("_", " ")})` : ""}`;
}

/** @type {[string, string][]} How somebody came whom an agent opens a case for. */
export const intakes = [
  ["phone", "phoned"],
  ["email", "sent an e-mail"],
  ["letter", "sent a letter"],
  ["visit", "came by"],
];

/** What customers can be written to in. */
export const languages = ["en", "de", "es", "fr", "pt", "ar", "ja", "zh"];

/** @param {string} lang */
export function language(lang) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(lang) ?? lang;
  } catch {
    return lang;
  }
}
