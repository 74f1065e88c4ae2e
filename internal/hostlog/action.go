package hostlog

// action is what a message tells.
type action uint8

// Actions, as indexes into actions.
const (
	failedPassword action = iota
	invalidUser
	accepted
	disconnectPreauth
	maxAttempts
	noIdentification
	badProtocol
	sessionOpened
	sessionClosed
	logindSession
	authFailure
	login
	sudoRun
	sudoDenied
	suRun
	suFailed
	userAdded
	userChanged
	userDeleted
	userLocked
	userUnlocked
	groupAdded
	groupChanged
	groupDeleted
	memberAdded
	memberRemoved
	passwordChanged
	passwordAging
	cronRun
	cronEdited
)

// actions are the texts of the field action.
var actions = [...][]byte{ //nolint:gochecknoglobals // a constant table
	failedPassword:    []byte("failed_password"),
	invalidUser:       []byte("invalid_user"),
	accepted:          []byte("accepted"),
	disconnectPreauth: []byte("disconnect_preauth"),
	maxAttempts:       []byte("max_attempts"),
	noIdentification:  []byte("no_identification"),
	badProtocol:       []byte("bad_protocol"),
	sessionOpened:     []byte("session_opened"),
	sessionClosed:     []byte("session_closed"),
	logindSession:     []byte("logind_session"),
	authFailure:       []byte("auth_failure"),
	login:             []byte("login"),
	sudoRun:           []byte("sudo"),
	sudoDenied:        []byte("sudo_denied"),
	suRun:             []byte("su"),
	suFailed:          []byte("su_failed"),
	userAdded:         []byte("user_added"),
	userChanged:       []byte("user_changed"),
	userDeleted:       []byte("user_deleted"),
	userLocked:        []byte("user_locked"),
	userUnlocked:      []byte("user_unlocked"),
	groupAdded:        []byte("group_added"),
	groupChanged:      []byte("group_changed"),
	groupDeleted:      []byte("group_deleted"),
	memberAdded:       []byte("group_member_added"),
	memberRemoved:     []byte("group_member_removed"),
	passwordChanged:   []byte("password_changed"),
	passwordAging:     []byte("password_aging"),
	cronRun:           []byte("cron"),
	cronEdited:        []byte("cron_edited"),
}
