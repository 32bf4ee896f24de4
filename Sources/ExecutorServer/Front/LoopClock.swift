// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore

/// The time as a loop needs it: monotonic nanoseconds for deadlines, and the Date field's text, made once a second.
struct LoopClock {
    /// `date: Thu, 01 Jan 1970 00:00:00 GMT` and a line end.
    private(set) var dateLine: [UInt8] = []
    /// The same without name and line end.
    private(set) var date = ""
    private var second: Int = -1

    init() { update() }

    /// Monotonic, in nanoseconds.
    func now() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    mutating func update() {
        let seconds = time(nil)
        guard seconds != second else { return }
        second = seconds
        date = Self.httpDate(seconds)
        dateLine = Array("date: \(date)\r\n".utf8)
    }

    /// RFC 9110, 5.6.7.
    static func httpDate(_ seconds: Int) -> String {
        let days = Int((Double(seconds) / 86400).rounded(.down))
        let rest = seconds - days * 86400
        // Days to a date of the Gregorian calendar, in eras of 400 years that begin on 1 March.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let weekday = weekdays[((days % 7) + 7) % 7]
        return "\(weekday), \(two(day)) \(months[month - 1]) \(year) "
            + "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) GMT"
    }
}

extension Duration {
    /// Whole nanoseconds; centuries are cut short.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds > 9_000_000_000 ? .max / 2 : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
