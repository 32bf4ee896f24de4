// SPDX-License-Identifier: Apache-2.0

/// A certificate for `secure.test`, `localhost` and 127.0.0.1 that signs itself, and its key. Good for a hundred years,
/// and for nothing but these tests.
let testCertificate = """
    -----BEGIN CERTIFICATE-----
    MIIBrzCCAVSgAwIBAgIUGIrGT20DtAp6BTlQDGI+OOVoM2MwCgYIKoZIzj0EAwIw
    FzEVMBMGA1UEAwwMUm9va2VyeSB0ZXN0MCAXDTI2MTEyMTE1MjEyNFoYDzIxMjYx
    MDI4MTUyMTI0WjAXMRUwEwYDVQQDDAxSb29rZXJ5IHRlc3QwWTATBgcqhkjOPQIB
    BggqhkjOPQMBBwNCAASQkQ2atsnOCwN6w7CnavpchHwp4/OKmVjKfceQjUU3eYDT
    i1J1mKWvYLtr2J75iEHy97OOO2KkMqdgQYLgBDN+o3wwejAdBgNVHQ4EFgQUQaUQ
    XBSpsPeLGlieVrDpl3nxznswHwYDVR0jBBgwFoAUQaUQXBSpsPeLGlieVrDpl3nx
    znswDwYDVR0TAQH/BAUwAwEB/zAnBgNVHREEIDAeggtzZWN1cmUudGVzdIIJbG9j
    YWxob3N0hwR/AAABMAoGCCqGSM49BAMCA0kAMEYCIQDNsV24UFvlXX5ddSRB+kix
    +nXtkl+DqAz+4L5BPhTdeQIhAPNqkc1McKhKB9ff0Cq+7RBJ7zX/IfL9PTy8JRGQ
    djSC
    -----END CERTIFICATE-----
    """

let testKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdb7mXCxxk5PX49CO
    gR2eraWZZrJZnpE/1CI+0b8tAj2hRANCAASQkQ2atsnOCwN6w7CnavpchHwp4/OK
    mVjKfceQjUU3eYDTi1J1mKWvYLtr2J75iEHy97OOO2KkMqdgQYLgBDN+
    -----END PRIVATE KEY-----
    """
