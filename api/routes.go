// SPDX-License-Identifier: MIT

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"candor/staff"
)

// routes is every route there is, with who may use it. Compliance may read all
// that any of the staff may; see [Server.staff].
func (s *Server) routes() {
	r := s.engine
	r.Use(s.observe, s.headers, s.sameOrigin)
	r.NoRoute(s.shown(func(*gin.Context) error { return errNoRoute() }))
	r.NoMethod(handle(func(*gin.Context) error { return errNoMethod() }))

	s.publicRoutes(r)
	s.deskRoutes(r)
	s.libraryRoutes(r)
	s.settingsRoutes(r)
	s.pages(r)
}

// publicRoutes are for anybody, and for the customer who holds the token of a
// conversation.
func (s *Server) publicRoutes(r *gin.Engine) {
	r.GET("/healthz", handle(s.getHealth))
	r.GET("/readyz", handle(s.getReadiness))
	r.GET("/openapi.json", handle(s.getOpenAPI))
	r.GET("/service", handle(s.getService))
	r.GET("/v1/widget/strings", handle(s.getWidgetStrings))
	r.GET("/brand/:file", handle(s.getLogo))
	r.GET("/v1/announcements/current", handle(s.listCurrent))
	r.POST("/v1/conversations", s.limitBy(s.limits.conversations, clientIP), handle(s.createConversation))
	r.POST("/v1/links", s.limitBy(s.limits.signIns, clientIP), handle(s.requestLink))
	r.POST("/v1/links/open", s.limitBy(s.limits.signIns, clientIP), handle(s.openLink))

	c := r.Group("/v1/conversations/:id", s.customer)
	c.GET("", handle(s.getConversation))
	c.GET("/messages", handle(s.listMessages))
	c.POST("/messages", s.limitBy(s.limits.messages, conversationID), handle(s.postMessage))
	c.GET("/events", handle(s.streamConversation))
	c.GET("/transcript", handle(s.getTranscript))
	c.POST("/attachments", s.limitBy(s.limits.messages, conversationID), handle(s.attachFile))
	c.GET("/attachments/:attachment_id", handle(s.getAttachment))
	c.POST("/rating", s.limitBy(s.limits.messages, conversationID), handle(s.rate))
	c.GET("/summary", handle(s.getSummary))
	c.POST("/summary", s.limitBy(s.limits.messages, conversationID), handle(s.correctSummary))
	c.POST("/handoff", s.limitBy(s.limits.messages, conversationID), handle(s.requestPerson))
	c.DELETE("/handoff", s.limitBy(s.limits.messages, conversationID), handle(s.leaveQueue))
	c.POST("/contact", s.limitBy(s.limits.messages, conversationID), handle(s.leaveContact))
	c.DELETE("/contact", s.limitBy(s.limits.messages, conversationID), handle(s.withdrawContact))
	c.POST("/continue", s.limitBy(s.limits.conversations, clientIP), handle(s.continueConversation))
	c.POST("/consents", s.limitBy(s.limits.messages, conversationID), handle(s.recordConsent))
	c.POST("/follow-up", s.limitBy(s.limits.messages, conversationID), handle(s.followUp))
	c.POST("/messages/:seq/feedback", s.limitBy(s.limits.messages, conversationID), handle(s.giveFeedback))
	c.GET("/sources/:article_id/:version", handle(s.getSource))
}

// deskRoutes are for signing in and for agents.
func (s *Server) deskRoutes(r *gin.Engine) {
	r.POST("/v1/session", s.limitBy(s.limits.signIns, clientIP), handle(s.signIn))
	r.GET("/v1/session", s.staff(), handle(s.getSession))
	r.DELETE("/v1/session", s.staff(), handle(s.signOut))

	d := r.Group("/v1", s.staff(staff.RoleAgent))
	d.GET("/queue", handle(s.getQueue))
	d.GET("/inbox", handle(s.getInbox))
	d.POST("/preview", handle(s.previewReply))
	d.GET("/reports/wall", handle(s.getWall))
	d.GET("/cases", handle(s.listCases))
	d.POST("/cases", handle(s.openCase))
	d.GET("/cases/:case_id", handle(s.getCase))
	d.POST("/cases/:case_id/attachments", handle(s.attachToCase))
	d.GET("/cases/:case_id/attachments/:attachment_id", handle(s.getCaseAttachment))
	d.GET("/cases/:case_id/attachments/:attachment_id/thumbnail", handle(s.getThumbnail))
	d.POST("/cases/:case_id/claim", s.step(s.Handoff.Claim))
	d.POST("/cases/:case_id/release", s.step(s.Handoff.Release))
	d.POST("/cases/:case_id/wait", s.step(s.Handoff.Wait))
	d.POST("/cases/:case_id/resolve", handle(s.resolveCase))
	d.POST("/cases/:case_id/messages", handle(s.replyToCase))
	d.POST("/cases/:case_id/typing", handle(s.signalTyping))
	d.POST("/conversations/:id/take-over", handle(s.takeOver))
	d.GET("/desk/conversations", handle(s.listLive))
	d.GET("/desk/conversations/:id", handle(s.getLive))
	d.GET("/desk/events", handle(s.streamDesk))
	d.GET("/presence", handle(s.listPresence))
	d.PUT("/presence", handle(s.setPresence))
	r.GET("/v1/reports/clocks", s.staff(staff.RoleSupervisor), handle(s.reportClocks))
	r.GET("/v1/reports/waits", s.staff(staff.RoleSupervisor), handle(s.reportWaits))
	r.GET("/v1/reports/queue", s.staff(staff.RoleSupervisor), handle(s.reportQueue))
	s.workRoutes(d)
	s.replyRoutes(d)
	s.manyRoutes(d)
	s.blockRoutes(r, d)
}

// libraryRoutes: agents may read, editors change.
func (s *Server) libraryRoutes(r *gin.Engine) {
	l := r.Group("/v1", s.staff(staff.RoleAgent, staff.RoleEditor))
	l.GET("/articles", handle(s.listArticles))
	l.GET("/articles/:article_id", handle(s.getArticle))
	l.GET("/articles/:article_id/versions", handle(s.listVersions))
	l.GET("/articles/:article_id/versions/:version", handle(s.getVersion))
	l.GET("/announcements", handle(s.listAnnouncements))
	l.GET("/announcements/:announcement_id", handle(s.getAnnouncement))
	l.GET("/knowledge/search", handle(s.searchKnowledge))
	e := r.Group("/v1", s.staff(staff.RoleEditor))
	e.POST("/announcements", handle(s.publishAnnouncement))
	e.POST("/announcements/preview", handle(s.previewAnnouncement))
	e.PUT("/announcements/:announcement_id", handle(s.changeAnnouncement))
	e.POST("/announcements/:announcement_id/end", handle(s.endAnnouncement))
	e.POST("/articles", handle(s.createArticle))
	e.POST("/articles/preview", handle(s.previewArticle))
	e.PUT("/articles/:article_id/draft", handle(s.saveDraft))
	e.POST("/articles/:article_id/draft/publish", handle(s.publishDraft))
	s.lifeRoutes(l, e)
	e.POST("/articles/:article_id/draft/check", handle(s.checkDraft))
	e.POST("/articles/:article_id/versions/:version/restore", handle(s.restoreVersion))
	e.POST("/articles/:article_id/archive", handle(s.archiveArticle))
	e.GET("/articles/:article_id/consequences", handle(s.getConsequences))
	e.GET("/articles/:article_id/consequences/:conversation_id/:seq", handle(s.getToldAnswer))
	e.POST("/articles/:article_id/versions/:version/wrong", handle(s.markWrong))
	e.GET("/corrections", handle(s.listCorrections))
	e.GET("/corrections/:correction_id", handle(s.getCorrection))
	e.POST("/corrections/:correction_id/retry", handle(s.retryCorrection))
	e.GET("/knowledge/export", handle(s.exportArticles))
	e.POST("/knowledge/try", handle(s.tryAnswer))
	e.GET("/questions", handle(s.listQuestions))
	e.POST("/questions", handle(s.saveQuestion))
	e.DELETE("/questions/:question_id", handle(s.deleteQuestion))
	e.POST("/knowledge/import", handle(s.importArticles))
	s.gapRoutes(e)
	s.sourceRoutes(e)
}

// lifeRoutes are the way of a draft to the customers, and what stands beside the text.
func (s *Server) lifeRoutes(l, e *gin.RouterGroup) {
	l.GET("/articles/:article_id/translations", handle(s.listTranslations))
	e.GET("/library", handle(s.getLibrary))
	e.PUT("/articles/:article_id/details", handle(s.setDetails))
	e.DELETE("/articles/:article_id/draft", handle(s.discardDraft))
	e.POST("/articles/:article_id/draft/review", s.stepDraft(s.askReview))
	e.POST("/articles/:article_id/draft/withdraw", s.stepDraft(s.withdrawReview))
	e.POST("/articles/:article_id/draft/approve", s.stepDraft(s.approveDraft))
	e.POST("/articles/:article_id/draft/send-back", s.stepDraft(s.sendBackDraft))
	e.POST("/articles/:article_id/draft/schedule", s.stepDraft(s.scheduleDraft))
	e.POST("/articles/:article_id/draft/unschedule", s.stepDraft(s.unscheduleDraft))
	e.POST("/articles/:article_id/translations", handle(s.createTranslation))
	e.PUT("/articles/:article_id/translation", handle(s.setTranslation))
	e.POST("/articles/:article_id/viewing", handle(s.viewArticle))
}

// settingsRoutes: supervisors change, compliance reads.
func (s *Server) settingsRoutes(r *gin.Engine) {
	read := r.Group("/v1", s.staff(staff.RoleCompliance))
	read.GET("/company", handle(s.getCompany))
	read.GET("/wording", handle(s.getWording))
	read.GET("/company/versions", handle(s.listCompanyVersions))
	read.GET("/company/versions/:version", handle(s.getCompanyVersion))

	change := r.Group("/v1", s.staff(staff.RoleSupervisor))
	change.GET("/mails", handle(s.listMails))
	s.webhookRoutes(change)
	change.GET("/reports/ratings", handle(s.getRatings))
	change.PUT("/company", handle(s.putCompany))
	change.POST("/company/logo", handle(s.uploadLogo))
	change.POST("/company/preview", handle(s.previewCompany))
	change.POST("/company/versions/:version/restore", handle(s.restoreCompany))
	s.staffRoutes(r, read, change)

	s.keepRoutes(r.Group("/v1", s.staff(staff.RoleCompliance)))
}

// staffRoutes are the accounts: supervisors change them, everybody their own
// password, sessions and tokens.
func (s *Server) staffRoutes(r *gin.Engine, read, change *gin.RouterGroup) {
	read.GET("/staff", handle(s.listStaff))
	read.GET("/staff/:account_id", handle(s.getMember))
	read.GET("/audit", handle(s.listAudit))
	change.POST("/staff/invite", handle(s.inviteStaff))
	change.PUT("/staff/:account_id/role", handle(s.setRole))
	change.PUT("/staff/:account_id/membership", handle(s.setMembership))
	change.POST("/staff/:account_id/disable", handle(s.disableStaff))
	change.POST("/staff/:account_id/enable", handle(s.enableStaff))
	change.POST("/staff/:account_id/reset", handle(s.resetStaff))

	own := r.Group("/v1", s.staff())
	own.GET("/staff/:account_id/credentials", handle(s.listCredentials))
	own.DELETE("/staff/:account_id/credentials/:credential_id", handle(s.revokeCredential))
	own.POST("/staff/:account_id/tokens", handle(s.createToken))
	own.PUT("/session/password", s.limitBy(s.limits.signIns, clientIP), handle(s.changePassword))
	r.POST("/v1/password/forgot", s.limitBy(s.limits.signIns, clientIP), handle(s.forgotPassword))
	r.POST("/v1/password", s.limitBy(s.limits.signIns, clientIP), handle(s.choosePassword))
}

// pages are what browsers open.
func (s *Server) pages(r *gin.Engine) {
	assets := gin.WrapH(s.Site.Assets())
	for _, path := range []string{"/widget.js", "/favicon.svg", "/favicon.ico", "/static/*path"} {
		r.Match([]string{http.MethodGet, http.MethodHead}, path, assets)
	}
	r.GET("/", s.shown(s.shopPage))
	r.GET("/chat", s.shown(s.chatPage))
	r.POST("/chat", s.limitBy(s.limits.messages, clientIP), handle(s.postPlainChat))
	r.GET("/return", s.shown(s.returnPage))
	r.POST("/return", s.limitBy(s.limits.signIns, clientIP), s.shown(s.postReturn))
	r.GET("/signin", s.shown(s.signInPage))
	r.POST("/signin", s.limitBy(s.limits.signIns, clientIP), handle(s.postSignIn))
	r.GET("/desk", s.shown(s.deskPage))
	for _, p := range settingsPages {
		r.GET(p.path, s.settingsRoute(p))
	}
	r.GET("/password", s.shown(s.passwordPage))
	r.GET("/desk/wall", s.shown(s.wallPage))
	r.GET("/library", s.shown(s.libraryPage))
	r.GET("/library/announcements", s.shown(s.announcementsPage))
	r.GET("/library/sources", s.shown(s.sourcesPage))
	if s.Demo == nil {
		return
	}
	r.GET("/demo", s.shown(s.demoPage))
	r.GET("/demo/model", handle(s.getDemoModel))
	r.POST("/demo/model", handle(s.setDemoModel))
}
