// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// Decides what is done to a turn that does not end when it should: a value, without clock, lock or thread.
///
/// A budget is spent, so V8 is asked to terminate. Some built-ins do not listen; after a grace the thread is kicked
/// until it is found inside V8 and parked. V8 may also park itself, where it would end the process or passes the hard
/// bound of memory. A parked thread's isolate is condemned, and its memory reclaimed once V8's background work for it
/// has ended.
public struct Escalation: Sendable, Equatable {
    /// How far it has come.
    public enum Stage: String, Sendable, Codable, CaseIterable {
        /// Within the budget.
        case running
        /// V8 was asked to end the turn.
        case terminated
        /// It does not listen: the thread is kicked.
        case kicked
        /// The thread is parked for ever, and the isolate taken out of use.
        case condemned
        /// The isolate's memory was given back.
        case reclaimed
        /// Background work never ended: the memory stays taken.
        case leaked
    }

    /// What the watchdog sees.
    public struct Look: Sendable, Equatable {
        /// Why the turn is to end.
        public var termination: Termination?
        /// V8 was asked to end it.
        public var isTerminated = false
        /// CPU time of the thread since then.
        public var cpuPast = Duration.zero
        /// Elapsed time since then.
        public var wallPast = Duration.zero
        /// The thread may be parked.
        public var isExpendable = true
        /// Why it is parked, if it is.
        public var loss: Loss?
        /// V8's background tasks for the isolate.
        public var workerTasks = 0
        /// How long the thread has been parked.
        public var parked = Duration.zero

        /// A look at a turn of which nothing is known.
        public init() {}
    }

    /// What the watchdog is to do.
    public enum Step: Sendable, Equatable {
        case wait
        case terminate
        case kick
        case condemn
        case reclaim
        case forget
    }

    /// How far it has come.
    public private(set) var stage = Stage.running

    /// V8's slowest built-ins that do listen take some 110 ms of CPU from one check to the next, and a collection of a
    /// full heap as long again.
    private static let cpuGrace = Duration.milliseconds(400)
    /// For a thread that does not get a core, or sleeps.
    private static let wallGrace = Duration.milliseconds(500)
    /// Background compilation of one function takes milliseconds.
    private static let patience = Duration.seconds(2)

    /// A turn within its budget.
    public init() {}

    /// What to do at this look.
    public mutating func step(_ look: Look) -> Step {
        if look.loss != nil { return stepWhenLost(look) }
        guard look.isTerminated else {
            stage = .terminated
            return .terminate
        }
        // The turn may have been terminated by its own thread, which ran out of memory.
        if stage == .running { stage = .terminated }
        let isOverdue = look.cpuPast >= Self.cpuGrace || look.wallPast >= Self.wallGrace
        guard look.isExpendable, isOverdue else { return .wait }
        stage = .kicked
        return .kick
    }

    private mutating func stepWhenLost(_ look: Look) -> Step {
        switch stage {
        case .running, .terminated, .kicked:
            stage = .condemned
            return .condemn
        case .condemned where look.workerTasks == 0:
            stage = .reclaimed
            return .reclaim
        case .condemned where look.parked > Self.patience:
            stage = .leaked
            return .forget
        case .condemned: return .wait
        case .reclaimed, .leaked: return .forget
        }
    }
}

/// Why a thread was parked.
public enum Loss: String, Sendable, Codable {
    /// V8 did not honour a termination.
    case unresponsive
    /// The isolate passed the hard bound of its memory.
    case memory
    /// V8 gave up for want of memory.
    case outOfMemory
    /// V8 gave up for another reason.
    case aborted

    init?(_ raw: ci_loss_t) {
        switch raw {
        case .none: return nil
        case .unresponsive: self = .unresponsive
        case .memory: self = .memory
        case .outOfMemory: self = .outOfMemory
        case .aborted: self = .aborted
        }
    }
}

/// A step that was taken against a turn.
public struct EscalationEvent: Sendable, Equatable {
    /// What was reached.
    public var stage: Escalation.Stage
    /// Why the turn was to end; `nil` where it is lost without.
    public var termination: Termination?
    /// Why its thread is parked, if it is.
    public var loss: Loss?

    init(_ stage: Escalation.Stage, _ look: Escalation.Look) {
        self.stage = stage
        termination = look.termination
        loss = look.loss
    }
}

/// A turn that will never end, and what it cost until its thread was parked.
public struct LostTurn: Sendable, Equatable {
    /// Why it was to end; `nil` where V8 gave up before any limit was seen to be passed.
    public var termination: Termination?
    /// Why its thread is parked.
    public var loss: Loss
    /// CPU time of the thread inside the turn.
    public var cpu: Duration
    /// Elapsed time of the turn.
    public var wall: Duration
    /// The most that the isolate held, in bytes.
    public var peakHeld: Int
    /// The most of its ArrayBuffers and wasm memories, in bytes.
    public var peakExternal: Int
    /// The limits of which 80 % were used.
    public var approached: LimitSet

    init(_ raw: ci_lost_turn_t) {
        termination = Termination(raw.termination)
        loss = Loss(raw.loss) ?? .aborted
        cpu = .nanoseconds(raw.cpu_nanoseconds)
        wall = .nanoseconds(raw.wall_nanoseconds)
        peakHeld = Int(clamping: raw.peak_memory)
        peakExternal = Int(clamping: raw.peak_external)
        approached = LimitSet(rawValue: raw.approached)
    }
}

extension Escalation.Look {
    init(_ raw: ci_overrun_t) {
        self.init()
        termination = Termination(raw.termination)
        isTerminated = raw.is_terminated
        cpuPast = .nanoseconds(raw.cpu_past_nanoseconds)
        wallPast = .nanoseconds(raw.wall_past_nanoseconds)
        isExpendable = raw.is_expendable
        loss = Loss(raw.loss)
        workerTasks = Int(raw.worker_tasks)
        parked = .nanoseconds(raw.parked_nanoseconds)
    }
}

extension Escalation.Step {
    var raw: ci_step_t {
        switch self {
        case .wait: .wait
        case .terminate: .terminate
        case .kick: .kick
        case .condemn: .condemn
        case .reclaim: .reclaim
        case .forget: .forget
        }
    }
}
