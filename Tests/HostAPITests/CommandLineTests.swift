// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Testing

@Suite struct CommandLineTests {
    private func allows(_ words: String, _ scheme: String, _ host: String, _ port: Int?, at address: String? = nil)
        throws -> Bool
    {
        let grant = try NetworkGrant(commandLine: words)
        let request = try NetworkRequest(scheme: scheme, host: host, port: port)
        guard (try? grant.check(request)) != nil else { return false }
        guard let address = address.flatMap({ IPAddress($0) }) else { return true }
        return (try? grant.check(address, of: request)) != nil
    }

    @Test("--allow-net grants hosts, ports and addresses; * grants everything")
    func network() throws {
        #expect(try allows("a.test", "https", "a.test", nil, at: "93.184.216.34"))
        #expect(try allows("a.test", "https", "a.test", 8443))
        #expect(try !allows("a.test", "https", "b.test", nil))
        #expect(try !allows("a.test", "https", "a.test", nil, at: "127.0.0.1"))
        #expect(try allows("a.test,10.0.0.0/8", "https", "a.test", nil, at: "10.1.1.1"))
        #expect(try allows("*.a.test:8443,[::1]:80", "http", "[::1]", nil))
        #expect(try allows("localhost:3000", "http", "localhost", 3000, at: "127.0.0.1"))
        #expect(try allows("*", "http", "169.254.169.254", nil, at: "169.254.169.254"))
    }

    @Test(
        "What is wrong with --allow-net is said",
        arguments: ["", ",", "a.test,", ",a.test", "https://a.test", "a.test:99999", "::1", "a b"])
    func wrongNetwork(words: String) {
        let error = #expect(throws: GrantError.self) { try NetworkGrant(commandLine: words) }
        #expect(error?.description.hasPrefix("--allow-net") == true)
    }

    @Test("--allow-read and --allow-write grant paths from the folder on")
    func files() throws {
        let grant = try FileGrant(commandLineRead: "data,/etc/hosts,../up", write: nil, folder: "/home/me/")
        #expect(grant.read == ["home/me/data", "etc/hosts", "home/up"])
        #expect(grant.write.isEmpty)
        #expect(grant.allowsReading("/home/me/data/x"))
        #expect(!grant.allowsReading("/home/me/database"))
        #expect(!grant.allowsWriting("/home/me/data"))
        let all = try FileGrant(commandLineRead: "*", write: "*", folder: "/")
        #expect(all.allowsReading("/anything") && all.allowsWriting("/anything"))
        for (read, folder) in [("", "/"), ("a,,b", "/"), ("../../..", "/a"), ("a\0", "/"), ("a", "relative")] {
            #expect(throws: GrantError.self) { try FileGrant(commandLineRead: read, write: nil, folder: folder) }
        }
    }

    @Test("--allow-env grants names")
    func environment() throws {
        #expect(try EnvironmentGrant(commandLine: "HOME,PATH").names == ["HOME", "PATH"])
        #expect(try EnvironmentGrant(commandLine: "*").names == nil)
        for wrong in ["", "A,", "A=1"] { #expect(throws: GrantError.self) { try EnvironmentGrant(commandLine: wrong) } }
    }

    @Test("--max-subrequests and --max-egress-bytes are limits")
    func limits() throws {
        let limits = try HostLimits(commandLineSubrequests: "3", egressBytes: nil)
        #expect(limits[.subrequests] == 3)
        #expect(limits[.egressBytes] == 10 << 20)
        for wrong in ["", "-1", "1.5", "many", "99999999999999", "9999999999999999999999"] {
            #expect(throws: GrantError.self) { try HostLimits(commandLineSubrequests: wrong, egressBytes: nil) }
            #expect(throws: GrantError.self) { try HostLimits(commandLineSubrequests: nil, egressBytes: wrong) }
        }
    }
}
