//! The vocabulary of `rules/data/libraries/`: what a path, type, method, macro or field may mean.

use super::vocabulary::vocabulary;
use serde::Deserialize;

vocabulary! {
    /// What a path, type, method, macro or field of a library means for a function.
    Meaning {
        // Calls that matter by themselves.
        /// Ends the process.
        EndsProcess = "ends-process",
        /// Installs a global log subscriber, and panics when there is one already.
        InstallsLogging = "installs-logging",
        /// Installs a global log subscriber, and returns an error when there is one already.
        TriesLogging = "tries-logging",
        /// Makes a subscriber that writes text, with colours unless it is told otherwise.
        WritesColours = "writes-colours",
        /// Makes a logger that writes plain lines, without fields.
        PlainLines = "plain-lines",
        /// Decides the format of a subscriber, or whether it has colours.
        DecidesFormat = "decides-format",
        /// Makes log lines of the beginnings or ends of spans.
        ShowsSpans = "shows-spans",
        /// An attribute that records the arguments of its function in every line inside.
        RecordsArguments = "records-arguments",
        /// Blocks the thread for as long as a sleep, a process, a request or a query takes.
        Blocks = "blocks",
        /// Panics when it is called from asynchronous code.
        BlocksAndPanics = "blocks-and-panics",
        /// Panics in builds with debug assertions when it is called from asynchronous code, and blocks there in others.
        PanicsInDebugBuilds = "panics-in-debug-builds",
        /// Builds a value that is costly and the same for the same arguments.
        Costly = "costly",
        /// The same, of a regular expression, which a smaller library may compile as well.
        CompilesPattern = "compiles-pattern",
        /// Waits for a time and nothing else.
        Sleep = "sleep",
        /// Spreads work over the threads of the machine.
        RunsParallel = "runs-parallel",
        /// Waits for connections.
        Serves = "serves",
        /// Keeps a connection open for messages both ways.
        KeepsOpen = "keeps-open",
        /// Names the program that a process will run.
        RunsProgram = "runs-program",
        /// Starts a task or thread.
        Spawn = "spawn",
        /// Runs its closure on a thread made for blocking work.
        Offload = "offload",
        /// Waits for many futures at once.
        Joins = "joins",
        /// Waits for many futures at once, and gives an outcome for each.
        KeepsOutcomes = "keeps-outcomes",
        /// Adds a task or future to a set of them.
        Gathers = "gathers",
        /// Ends a future when its time is over.
        BoundsTime = "bounds-time",
        /// Sets how long a request, an answer or the checkout of a connection may take.
        BoundsRequest = "bounds-request",
        /// Sets how long an operation of the AWS SDK may take with its retries.
        BoundsSdkOperation = "bounds-sdk-operation",
        /// Sets how long one attempt of an operation of the AWS SDK may take.
        BoundsSdkAttempt = "bounds-sdk-attempt",
        /// Gives up by itself.
        BoundsItself = "bounds-itself",
        /// Creates, writes or copies a file or directory.
        WritesFile = "writes-file",
        /// Writes a file if its first argument is the path of one, whatever it is called on.
        SavesFile = "saves-file",
        /// Removes files, or makes files that are removed by themselves.
        RemovesFile = "removes-file",
        /// Opens a file as its options say.
        OpensFile = "opens-file",
        /// Lets the options of a file write.
        AllowsWriting = "allows-writing",
        /// Decodes the URL encoding of a text.
        Decodes = "decodes",
        /// Decodes percent escapes and leaves plus signs, which stand for spaces in keys of notifications.
        KeepsPlus = "keeps-plus",
        /// Reads an environment variable at run time.
        ReadsEnv = "reads-env",
        /// Sets an environment variable of the process.
        SetsEnv = "sets-env",
        /// Gives the directory for temporary files.
        TempDir = "temp-dir",
        /// Changes the environment, the working directory or a hook of the whole process.
        ChangesProcess = "changes-process",
        /// Makes an identifier that is different on every run.
        GeneratesId = "generates-id",
        /// Gathers spans, log records or metrics, to send them later.
        BatchesTelemetry = "batches-telemetry",
        /// Sends what telemetry was gathered.
        FlushesTelemetry = "flushes-telemetry",
        /// Runs what it is given when the environment is shut down.
        AtShutdown = "at-shutdown",
        /// Runs an extension, and registers it first unless that was done.
        RunsExtension = "runs-extension",
        /// Makes a duration; `micros` says of what unit.
        Duration = "duration",
        // Clients and what they do.
        /// Makes AWS configuration: credentials, region, HTTP stack.
        SdkConfig = "sdk-config",
        /// Makes a client of an AWS service.
        SdkClient = "sdk-client",
        /// Makes an HTTP client with connections of its own.
        HttpClient = "http-client",
        /// Opens a database, cache or broker connection or a pool of them.
        Connection = "connection",
        /// Opens a pool; `connections` says how many it opens at most when nothing is set.
        OpensPool = "opens-pool",
        /// Opens a pool with all its connections at once.
        OpensAtOnce = "opens-at-once",
        /// Sets how many connections a pool opens at most.
        MostConnections = "most-connections",
        /// Sets how many connections a pool opens at least.
        LeastConnections = "least-connections",
        /// Sends a request that waits without end unless something bounds it.
        Request = "request",
        /// Sends a statement or command to a database, cache or broker, and waits for what it answers.
        Query = "query",
        /// Sends what is about one element, where another call of the library takes many.
        OneElement = "one-element",
        /// A type in which a service answers.
        Answer = "answer",
        /// An operation that answers with a secret, or decrypts one.
        GivesSecret = "gives-secret",
        /// An operation that answers with a secret where a setter asks for it in clear.
        GivesSecretIfDecrypted = "gives-secret-if-decrypted",
        /// Hands on the secret it is called on, or most of it.
        KeepsSecret = "keeps-secret",
        /// Gives a field of a request a value under a name.
        WritesAttribute = "writes-attribute",
        /// Runs what it is given again when it fails.
        RunsAgain = "runs-again",
        /// Asks for a value in clear.
        AsksDecrypted = "asks-decrypted",
        /// Hides what it holds when it is written.
        Redacts = "redacts",
        /// A field that may hold what a service keeps secret.
        SecretPart = "secret-part",
        /// Sets how long an idle connection is kept.
        BoundsIdle = "bounds-idle",
        /// Sets how many idle connections are kept.
        MostIdle = "most-idle",
        /// Sends a request that does more when it is sent twice.
        Repeats = "repeats",
        /// Only looks at what it talks to.
        Reads = "reads",
        /// Gives a client headers that it sends with every request.
        CarriesHeaders = "carries-headers",
        /// Gives a client the HTTP client that it sends through.
        TakesHttpClient = "takes-http-client",
        /// A client of an AWS service; `service` says of which.
        Service = "service",
        /// Sends what a builder of the AWS SDK has put together.
        Sends = "sends",
        /// An operation of an AWS client that is sent with the struct it is given.
        SendsInput = "sends-input",
        /// A method of an AWS client that is no operation.
        NoOperation = "no-operation",
        /// A waiter of the AWS SDK.
        Waits = "waits",
        /// Takes the key of an object.
        TakesObjectKey = "takes-object-key",
        // Runtimes and handlers.
        /// Starts a runtime; its first argument is the handler.
        EntryPoint = "entry-point",
        /// Starts a web server. Behind the Lambda Web Adapter its router is the handler.
        StartsServer = "starts-server",
        /// An attribute that makes `main` of a function.
        MakesMain = "makes-main",
        /// One environment serves several requests at once.
        Concurrent = "concurrent",
        /// Sends its response while the handler makes it.
        Streams = "streams",
        /// Its argument makes the application once; routes are registered inside.
        TakesFactory = "takes-factory",
        /// What it is given runs beside invocations.
        BesideInvocations = "beside-invocations",
        /// An attribute that makes a function a handler.
        HandlerAttribute = "handler-attribute",
        /// Makes a service of a function; something else runs it.
        AdaptsHandler = "adapts-handler",
        /// A method whose argument is the service that is run.
        TakesService = "takes-service",
        /// Ties a route to the handlers it is given.
        RegistersRoute = "registers-route",
        /// Ties a route to functions it is given; closures belong to something else of that name.
        RegistersRouteFn = "registers-route-fn",
        /// Names a route in its first argument.
        NamesRoute = "names-route",
        /// Puts a path before routes, or takes what none does.
        ScopesRoutes = "scopes-routes",
        /// Holds functions that routes are tied to.
        HoldsRoutes = "holds-routes",
        /// Holds the event in its first argument.
        WrapsEvent = "wraps-event",
        /// The event itself.
        IsEvent = "is-event",
        /// A type of a library of events.
        EventType = "event-type",
        /// An event, or a record or message of one.
        WholePayload = "whole-payload",
        /// Holds one part of a request: its path, query or headers.
        PartOfRequest = "part-of-request",
        /// A moment that a clock gave.
        Moment = "moment",
        /// Stands beside the event among the parameters of a handler.
        BesideEvent = "beside-event",
        /// A client or configuration that a handler is given and that is not the event.
        Shared = "shared",
        /// Serialises to a partial batch response.
        BatchResponse = "batch-response",
        /// Names a failed record in a partial batch response.
        BatchFailure = "batch-failure",
        /// A field for the decoded key of an object that notifications do not have.
        DecodedKey = "decoded-key",
        /// An object of a notification, whose keys are URL-encoded.
        S3Object = "s3-object",
        // When code runs.
        /// Runs the closure it is given at most once.
        Once = "once",
        /// Fills a cell with what its argument makes, once.
        FillsCell = "fills-cell",
        /// Runs its closure for each element.
        PerElement = "per-element",
        /// The same, and only on iterators and streams.
        OnlyPerElement = "only-per-element",
        /// Begins an iteration.
        Iterates = "iterates",
        /// Bounds how many run at once.
        LimitsConcurrency = "limits-concurrency",
        /// Ends a loop in time.
        BoundsLoop = "bounds-loop",
        /// Pauses a loop.
        Pauses = "pauses",
        /// Says that what was fetched is kept: an age check or a cache.
        Remembers = "remembers",

        // Values and their types.
        /// Holds nothing of the type in its argument.
        HoldsNothing = "holds-nothing",
        /// To be seen through when asking what a value is.
        SeeThrough = "see-through",
        /// Hands on its argument as it is, to be shared.
        Shares = "shares",
        /// A constructor that hands on its argument.
        HandsOn = "hands-on",
        /// Wraps its argument.
        Wraps = "wraps",
        /// A lock or cell that lets shared state change.
        Lock = "lock",
        /// A lock whose guard must not be held across an `.await`.
        SyncLock = "sync-lock",
        /// A collection that changes through a shared reference.
        SharedCollection = "shared-collection",
        /// An atomic.
        Atomic = "atomic",
        /// Its presence in a state says that entries leave it again.
        Expires = "expires",
        /// A list.
        List = "list",
        /// A map.
        Map = "map",
        /// A text.
        Text = "text",
        /// Any JSON value.
        Json = "json",
        /// Holds a value or an error.
        Fallible = "fallible",
        /// May be left out of settings.
        Optional = "optional",
        /// Leads to the type in its first argument: futures, functions, conversions.
        LeadsTo = "leads-to",
        /// Its methods hand on the builder.
        Builder = "builder",
        /// One end of a channel.
        Sender = "sender",
        /// Parses or decodes its argument, and fails on some inputs.
        Parses = "parses",
        /// Reads a document from its argument, and fails on some inputs.
        ReadsDocument = "reads-document",
        /// Writes its argument as a document.
        WritesDocument = "writes-document",
        /// Fails on programming errors only.
        FailsOnMistakes = "fails-on-mistakes",
        /// Makes a text or path of its argument.
        MakesText = "makes-text",
        /// Gives a part that not every path has.
        MayLackPart = "may-lack-part",
        /// Gives a text that is the value.
        GivesText = "gives-text",
        /// Makes a path of its argument, whose parts are texts as its argument is one.
        MakesPath = "makes-path",
        /// Fills a struct from environment variables.
        ReadsSettings = "reads-settings",
        /// Makes a reader of environment variables with a prefix.
        SettingsPrefix = "settings-prefix",
        /// Fills a struct from arguments, and from the variables its fields name.
        ParsesArguments = "parses-arguments",
        /// Fills a struct from the sources of its receiver.
        ExtractsSettings = "extracts-settings",
        /// Adds a source of settings.
        AddsSource = "adds-source",
        /// Makes a source of settings of the environment; `separator` stands behind its prefix.
        EnvSource = "env-source",

        // Methods of any receiver.
        /// Hands on what it is called on, as far as types go.
        Identity = "identity",
        /// The value of interest is still there afterwards.
        KeepsValue = "keeps-value",
        /// Runs its closure on the value of interest.
        OnValue = "on-value",
        /// Runs its closure on errors.
        OnError = "on-error",
        /// Asks whether a result is an error.
        AsksOutcome = "asks-outcome",
        /// Panics unless there is a value.
        Unwraps = "unwraps",
        /// Throws an error away.
        DropsError = "drops-error",
        /// Hands on what its closure yields, and leaves out what is nothing or an error.
        SkipsNothing = "skips-nothing",
        /// Hands on what is in the values of a collection, and leaves out errors.
        SkipsErrors = "skips-errors",
        /// Replaces an error by what it is given.
        FallsBack = "falls-back",
        /// Changes an error or value and fails as before.
        FailsOn = "fails-on",
        /// Keeps an error for later.
        RecordsError = "records-error",
        /// Adds a failed record to an answer.
        AddsFailure = "adds-failure",
        /// Asks whether a value is there before it is taken.
        ChecksPresence = "checks-presence",
        /// Asks how many there are.
        Counts = "counts",
        /// Looks up what belongs to its argument in what it is called on.
        LooksUp = "looks-up",
        /// Cuts a text into parts, of which there is always one.
        SplitsText = "splits-text",
        /// Returns what a pattern found in a text, with its groups.
        FindsGroups = "finds-groups",
        /// Gives a group of what a pattern found.
        GivesGroup = "gives-group",
        /// Holds the parameters of the route that matched, each of which is there.
        RouteParameters = "route-parameters",
        /// Gives a map whose index panics when the key is missing.
        PanicsOnKey = "panics-on-key",
        /// May find nothing, depending on the input.
        MayFindNothing = "may-find-nothing",
        /// Fails for reasons that are no matter of the input.
        FailsOtherwise = "fails-otherwise",
        /// Takes a lock.
        Locks = "locks",
        /// The guard of a lock is still there afterwards.
        KeepsGuard = "keeps-guard",
        /// Takes a lock to write.
        LocksToWrite = "locks-to-write",
        /// Changes a collection or cell.
        Mutates = "mutates",
        /// Puts its argument into what it is called on.
        Fills = "fills",
        /// Replaces the whole value.
        Replaces = "replaces",
        /// Stores a value, to be found again.
        KeepsUnderKey = "keeps-under-key",
        /// Gives access to change what is behind a lock, cell or reference.
        Exclusive = "exclusive",
        /// Adds to or takes from a number.
        CountsUp = "counts-up",
        /// Takes one element of several.
        TakesOne = "takes-one",
        /// Hands on all elements.
        TakesAll = "takes-all",
        /// Returns an element of a list.
        GivesItem = "gives-item",
        /// Returns a list of the same elements.
        GivesList = "gives-list",
        /// Returns a list of what its function makes of each element, or what it makes of the only one.
        GivesMapped = "gives-mapped",
        /// The same, and what the function returns are lists.
        GivesFlattened = "gives-flattened",
        /// Returns each element with its place.
        Enumerates = "enumerates",
        /// Returns each element with one of another list.
        Zips = "zips",
        /// Returns a list of lists of the same elements.
        GivesChunks = "gives-chunks",
        /// Makes the collection that is asked for of the elements.
        Collects = "collects",
        /// Returns a value of a map.
        GivesValue = "gives-value",
        /// Returns the values of a map.
        GivesValues = "gives-values",
        /// Returns the keys of a map.
        GivesKeys = "gives-keys",
        /// Shows a text or bytes as something else.
        Views = "views",
        /// Hands on the field it is called on, as a text.
        SameField = "same-field",
        /// Hands on the text it is called on, or its beginning.
        SameText = "same-text",
        /// Hands on the whole event.
        WholeEvent = "whole-event",
        /// An operation that answers with the records, items or messages it is asked for.
        GivesRecords = "gives-records",
        /// Too common a name to tell a method of the workspace from one of a library.
        CommonName = "common-name",
        // Macros.
        /// Writes a line.
        LogLine = "log-line",
        /// Writes a line past any subscriber.
        Prints = "prints",
        /// Writes a line at a level that is on by default.
        OnByDefault = "on-by-default",
        /// Only makes text.
        FormatsText = "formats-text",
        /// Only writes text, or checks something.
        WritesText = "writes-text",
        /// The same value every time.
        Constant = "constant",
        /// Takes names from its format string.
        Captures = "captures",
        /// Panics.
        Panics = "panics",
        /// Says that the program never gets there.
        Unreachable = "unreachable",
        /// Panics unless its arguments hold, in release builds too.
        PanicsUnless = "panics-unless",
        /// Runs futures beside each other.
        RunsTogether = "runs-together",
        /// Takes the first of several futures, and drops the others.
        Races = "races",
        /// Takes a JSON-like tree.
        TakesTree = "takes-tree",
        /// Only builds a value.
        BuildsValue = "builds-value",
        /// Stands for the contents of a file.
        Includes = "includes",
        /// Takes no expressions of the program.
        TakesNoCode = "takes-no-code",
        /// Looks for text at the beginning, the end or inside of another one.
        TestsText = "tests-text",

        // Fields of events.
        /// Names a failed record in a partial batch response.
        ItemIdentifier = "item-identifier",
        /// The sequence number of a record of a stream.
        SequenceNumber = "sequence-number",
        /// The id of a message of a queue.
        MessageIdentifier = "message-identifier",
        /// Another field of a record, by which no service knows it in a partial batch response.
        OtherIdentifier = "other-identifier",
        /// A key of the envelope in which a topic delivers to a queue.
        EnvelopeKey = "envelope-key",
        /// The message a bucket sends when notifications are set up.
        TestEvent = "test-event",
        /// A type of media that is no text.
        BinaryMedia = "binary-media",
        /// The header that says what type of media a body is.
        ContentType = "content-type",
        /// Builds a request that the program sends.
        BuildsRequest = "builds-request",
        /// Says that a body is the Base64 of something that is no text.
        Base64Flag = "base64-flag",
        /// A header or field with what a caller proves itself by.
        CallerSecret = "caller-secret",
        /// A name under which something is kept that only the program should know.
        SecretName = "secret-name",
        /// A field that the service documents as part of every answer.
        AlwaysAnswered = "always-answered",
        /// The records of a batch.
        Batch = "batch",
        /// The event or most of it.
        EventPart = "event-part",
        /// A kind of change that a stream of records tells of.
        ChangeKind = "change-kind",
        /// The bucket of a record that tells of one of its objects.
        RecordBucket = "record-bucket",
        /// Keeps records in order that belong to each other.
        GroupsRecords = "groups-records",
        /// A header with which a request may be repeated.
        GuardsRepeats = "guards-repeats",
        /// The deadline of an invocation.
        Deadline = "deadline",
    }
}
