/// What a slice of a long job leaves to do. Between two slices the background thread commits what has come meanwhile.
package enum JobProgress: Sendable {
    case more, done
}
