// SPDX-License-Identifier: Apache-2.0
internal import WorkerRuntime

/// Why a server did not take a bundle, in terms of the sources it was made of.
struct RefusalReport {
    private let refusal: AdminRefusal
    private let folder: String

    /// - Parameter folder: the project's, which the names of files are relative to.
    init(_ refusal: AdminRefusal, folder: String) {
        self.refusal = refusal
        self.folder = folder
    }

    var object: ErrorObject {
        ErrorObject(code: refusal.code, message: refusal.message, problems: refusal.problems)
    }

    /// As `rookery run` shows what is uncaught.
    var text: String {
        refusal.problems.map { problem in
            SourceFault(
                problem.message, file: problem.file, line: problem.line, column: problem.column,
                stack: problem.stack.map(SourceFault.withoutRoot)
            ).located(in: folder).text
        }.joined(separator: "\n\n")
    }
}
