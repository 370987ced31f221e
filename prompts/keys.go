// SPDX-License-Identifier: MIT

package prompts

// What the customer is told about automation.
const (
	DisclosureFirst Key = "disclosure.first" // {org}
	DisclosureLabel Key = "disclosure.label"
	DisclosureAsked Key = "disclosure.asked" // the answer to "are you a person?"
)

// Parts of the acknowledgement of a handoff; Handoff puts them together.
const (
	handoffWhy          Key = "handoff.why." // + reason
	handoffOpen         Key = "handoff.open"
	handoffClosed       Key = "handoff.closed"
	handoffWait         Key = "handoff.wait"
	handoffWaitUnknown  Key = "handoff.wait_unknown"
	handoffNobody       Key = "handoff.nobody"
	handoffClosedToday  Key = "handoff.closed_today" // {holiday}
	HandoffAlternatives Key = "handoff.alternatives" // {alternatives}
	handoffSilence      Key = "handoff.silence"
	handoffAdd          Key = "handoff.add"
)

// The queue and the people behind it.
const (
	HandoffUndo               Key = "handoff.undo"                // label of the button
	HandoffLeft               Key = "handoff.left"                // {ref}
	QueuePosition             Key = "queue.position"              // {position}
	QueueOpened               Key = "queue.opened"                // {ref} {position}
	QueueClosing              Key = "queue.closing"               // {ref} {hours} {due}
	PromiseBroken             Key = "promise.broken"              // {ref} {due}
	AgentJoined               Key = "agent.joined"                // {agent}
	AgentLeft                 Key = "agent.left"                  // {agent} {ref}
	AgentChanged              Key = "agent.changed"               // {agent} {colleague} {ref}
	CaseWaitingCustomer       Key = "case.waiting_customer"       // {ref}
	CaseResolved              Key = "case.resolved"               // {ref}
	CaseReopened              Key = "case.reopened"               // {ref}
	CaseReopenedClosed        Key = "case.reopened_closed"        // {ref} {hours} {due}
	CaseContinues             Key = "case.continues"              // {ref}
	CaseClosed                Key = "case.closed"                 // {ref}
	CaseMerged                Key = "case.merged"                 // {ref} {other}
	CaseMergedHere            Key = "case.merged_here"            // {ref} {other}
	ConsentAssistant          Key = "consent.assistant"           // what the customer agrees to, word for word
	ConsentAssistantGiven     Key = "consent.assistant_given"     // {position}
	ConsentAssistantWithdrawn Key = "consent.assistant_withdrawn" // {position}
	ConsentReturn             Key = "consent.return"              // what the customer agrees to, word for word
	ConsentReturnAsked        Key = "consent.return_asked"        // {agent}
	ConsentReturnDeclined     Key = "consent.return_declined"     // {agent}
	ConsentContact            Key = "consent.contact"             // what the customer agrees to, word for word
	ContactSaved              Key = "contact.saved"               // {ref}
	ContactWithdrawn          Key = "contact.withdrawn"           // {ref}
	BotReturned               Key = "bot.returned"
)

// Complaints and corrections.
const (
	ComplaintAck      Key = "complaint.ack"      // {received} {issue} {ref} {owner} {due} {adr}
	ComplaintNotOurs  Key = "complaint.not_ours" // {ref} {reason} {redirect} {adr}
	ComplaintRejected Key = "complaint.rejected" // {ref} {findings} {reason} {adr}
	correction        Key = "correction"         // {date} {title} {right}
)

// What the bot says where it does not answer from an article.
const (
	Unknown       Key = "unknown"
	clarifyOpen   Key = "clarify.open"
	clarifySome   Key = "clarify.options"
	DeclineScope  Key = "decline.scope" // {org}
	UpsetOffer    Key = "upset.offer"
	SmallGreeting Key = "small.greeting" // {org}
	SmallThanks   Key = "small.thanks"
	SmallBye      Key = "small.bye" // {org}
	AnswerIntro   Key = "answer.intro"
	ProviderDown  Key = "provider.down"

	AnnouncementIntro   Key = "announcement.intro"
	AnnouncementForeign Key = "announcement.foreign" // it is in another language
)

// Why an answer that had begun was stopped.
const (
	PartialTakenOver     Key = "partial.taken_over"
	PartialProvider      Key = "partial.provider"
	PartialUnverified    Key = "partial.unverified"
	PartialSuperseded    Key = "partial.superseded"
	PartialSourceChanged Key = "partial.source_changed"
)

// What to do in an emergency, by the kind that triage names; Safety puts them together.
const (
	safetyPrefix  Key = "safety."
	safetyAlerted Key = "safety.alerted"
)

// What a customer is told who may not write for a time.
const (
	BlockNotice Key = "block.notice" // {due} {alternatives}
	BlockLifted Key = "block.lifted"
)

// What went wrong with a customer's request.
const (
	ErrorEmpty       Key = "error.empty"
	ErrorTooLong     Key = "error.too_long" // {limit}
	ErrorNotSent     Key = "error.not_sent"
	ErrorTooMany     Key = "error.too_many"
	ErrorExpired     Key = "error.expired"
	ErrorUnavailable Key = "error.unavailable" // {alternatives}
)

// Letters to customers, sent by mail.
const (
	MailFooter            Key = "mail.footer"         // {org}
	MailAnswerSubject     Key = "mail.answer_subject" // {ref}
	MailAnswer            Key = "mail.answer"         // {org} {ref}
	MailNewsSubject       Key = "mail.news_subject"   // {ref}
	MailNews              Key = "mail.news"           // {org} {ref}
	MailLinkSubject       Key = "mail.link_subject"   // {ref}
	MailLink              Key = "mail.link"           // {ref}
	MailOpenedSubject     Key = "mail.opened_subject" // {ref}
	MailOpened            Key = "mail.opened"         // {org} {ref}
	MailCorrectionSubject Key = "mail.correction_subject"
	MailCorrection        Key = "mail.correction" // {org}
	MailOpenLink          Key = "mail.open_link"  // label of the link
	MailLinkDays          Key = "mail.link_days"  // {n}
)

// SummaryCorrected thanks for a correction of what was understood.
const SummaryCorrected Key = "summary.corrected" // {ref}

// AttachmentReceived says that the bot reads no files.
const AttachmentReceived Key = "attachment.received"
