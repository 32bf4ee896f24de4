// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Times of day where the program runs.
enum LocalTime {
    /// `HH:MM:SS` of milliseconds since 1970.
    static func clock(_ milliseconds: Double) -> String {
        guard let parts = parts(milliseconds) else { return "--:--:--" }
        return parts.time.map(twoDigits).joined(separator: ":")
    }

    /// `YYYY-MM-DD HH:MM` of milliseconds since 1970.
    static func date(_ milliseconds: Double) -> String {
        guard let parts = parts(milliseconds) else { return "-" }
        return "\(parts.year)-" + parts.day.map(twoDigits).joined(separator: "-") + " "
            + parts.time.prefix(2).map(twoDigits).joined(separator: ":")
    }

    private static func twoDigits(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }

    private static func parts(_ milliseconds: Double) -> (year: Int, day: [Int32], time: [Int32])? {
        guard var seconds = time_t(exactly: (milliseconds / 1000).rounded(.down)), abs(seconds) < 1 << 40 else {
            return nil
        }
        var parts = unsafe tm()
        guard unsafe localtime_r(&seconds, &parts) != nil else { return nil }
        return unsafe (
            Int(parts.tm_year) + 1900, [parts.tm_mon + 1, parts.tm_mday], [parts.tm_hour, parts.tm_min, parts.tm_sec]
        )
    }
}
