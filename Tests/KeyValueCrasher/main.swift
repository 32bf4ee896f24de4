// SPDX-License-Identifier: Apache-2.0
import Glibc

// Writes values without a pause until it is killed, or kills such a process again and again and looks at what is
// left:
//     KeyValueCrasher torture FOLDER ROUNDS    prints one line; fails at the first thing that is wrong
//     KeyValueCrasher write FOLDER             until it is killed
//     KeyValueCrasher check FOLDER             prints what is wrong
//     KeyValueCrasher open FILE                without rights beyond a user's; prints the kind of error

let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.dropFirst().first) {
case ("torture", let folder?):
    try await Torture(folder: folder).run(rounds: arguments.last.flatMap { Int($0) } ?? 100)
case ("write", let folder?): try await Writer(folder: folder).run()
case ("check", let folder?): try await Checker(folder: folder).check()
case ("open", let file?): try Opening.print(file)
default:
    print("usage: KeyValueCrasher torture FOLDER ROUNDS")
    exit(2)
}
