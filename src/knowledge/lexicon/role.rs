//! What the words of a name say about what carries it.

use super::vocabulary::vocabulary;
use serde::Deserialize;

vocabulary! {
    /// What the words of a name say about what carries it.
    Role {
        /// Work whose failure is nobody's loss: it observes, tells or tidies up.
        UnimportantWork = "unimportant-work",
        /// Work that only tells how far other work has come.
        TellsState = "tells-state",
        /// Work that takes something away.
        TakesAway = "takes-away",
        /// A variable that is set where the platform runs the program, and nowhere else.
        OnPlatform = "on-platform",
        /// A function that sends words to somebody.
        TellsSomebody = "tells-somebody",
        /// A function that only reads what it is sent.
        ReadsInput = "reads-input",
        /// A call that undoes an earlier step.
        Undoes = "undoes",
        /// A call that decides whether to go on.
        Guards = "guards",
        /// A function that installs a log subscriber.
        InstallsLogging = "installs-logging",
        /// A setter that decides what a client talks to, or as whom.
        DecidesClient = "decides-client",
        /// A function or step that computes, decides or waits, and changes nothing.
        Computes = "computes",
        /// Something that keeps what was fetched.
        Cache = "cache",
        /// A function that only writes a line.
        WritesLine = "writes-line",
        /// A method that makes chunks or pages of what is iterated.
        InChunks = "in-chunks",
        /// A function that makes several ends of a channel, pipe or connection at once.
        MakesEnds = "makes-ends",
        /// A function that makes a stream or iterator.
        MakesStream = "makes-stream",
        /// A statement on rows of a database, by its first word.
        Statement = "statement",
        /// What holds connections to a database.
        Pool = "pool",
        /// A field that refers to something, or says when, how many or of what kind, and holds no words of a person.
        RefersTo = "refers-to",
        /// An operation that only looks.
        Reads = "reads",
        /// The type of a handler's parameter that is shared and not the event.
        SharedState = "shared-state",
    }
}
