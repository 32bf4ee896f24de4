// SPDX-License-Identifier: Apache-2.0
// Names and parameters of the algorithms of the Web Cryptography API.

/** An algorithm and its parameters. */
interface Algorithm {
  /** The algorithm's name. */
  name: string;
}
/** An algorithm, by its name alone where it has no parameters. */
type AlgorithmIdentifier = Algorithm | string;
/** A hash function. */
type HashAlgorithmIdentifier = AlgorithmIdentifier;
/** The name of an elliptic curve, such as "P-256". */
type NamedCurve = string;
/** A large number, its most significant byte first. */
type BigInteger = Uint8Array;

/** What a key is for. */
interface KeyAlgorithm {
  /** The algorithm's name. */
  name: string;
}
/** Of a key of AES. */
interface AesKeyAlgorithm extends KeyAlgorithm {
  /** Bits of the key. */
  length: number;
}
/** Of a key of HMAC. */
interface HmacKeyAlgorithm extends KeyAlgorithm {
  /** The hash function. */
  hash: KeyAlgorithm;
  /** Bits of the key. */
  length: number;
}
/** Of a key of ECDSA or ECDH. */
interface EcKeyAlgorithm extends KeyAlgorithm {
  /** The curve. */
  namedCurve: NamedCurve;
}
/** Of a key of RSA. */
interface RsaKeyAlgorithm extends KeyAlgorithm {
  /** Bits of the modulus. */
  modulusLength: number;
  /** The public exponent. */
  publicExponent: BigInteger;
}
/** Of a key of RSA with its hash function. */
interface RsaHashedKeyAlgorithm extends RsaKeyAlgorithm {
  /** The hash function. */
  hash: KeyAlgorithm;
}

/** How a key of AES is made. */
interface AesKeyGenParams extends Algorithm {
  /** 128, 192 or 256 bits. */
  length: number;
}
/** How a key of AES is derived. */
interface AesDerivedKeyParams extends Algorithm {
  /** 128, 192 or 256 bits. */
  length: number;
}
/** How AES-CBC encrypts. */
interface AesCbcParams extends Algorithm {
  /** 16 bytes, never the same twice. */
  iv: BufferSource;
}
/** How AES-CTR encrypts. */
interface AesCtrParams extends Algorithm {
  /** The first counter block, 16 bytes. */
  counter: BufferSource;
  /** How many bits of it count. */
  length: number;
}
/** How AES-GCM encrypts. */
interface AesGcmParams extends Algorithm {
  /** Usually 12 bytes, never the same twice. */
  iv: BufferSource;
  /** Data that is vouched for and not encrypted. */
  additionalData?: BufferSource;
  /** Bits of the tag, 128 unless given. */
  tagLength?: number;
}
/** How a key of HMAC is made. */
interface HmacKeyGenParams extends Algorithm {
  /** The hash function. */
  hash: HashAlgorithmIdentifier;
  /** Bits of the key. */
  length?: number;
}
/** How a key of HMAC is read. */
interface HmacImportParams extends Algorithm {
  /** The hash function. */
  hash: HashAlgorithmIdentifier;
  /** Bits of the key. */
  length?: number;
}
/** How ECDSA signs. */
interface EcdsaParams extends Algorithm {
  /** The hash function. */
  hash: HashAlgorithmIdentifier;
}
/** How a key of ECDSA or ECDH is made. */
interface EcKeyGenParams extends Algorithm {
  /** The curve. */
  namedCurve: NamedCurve;
}
/** How a key of ECDSA or ECDH is read. */
interface EcKeyImportParams extends Algorithm {
  /** The curve. */
  namedCurve: NamedCurve;
}
/** How two sides agree on a key. */
interface EcdhKeyDeriveParams extends Algorithm {
  /** The other side's key. */
  public: CryptoKey;
}
/** How HKDF derives. */
interface HkdfParams extends Algorithm {
  /** The hash function. */
  hash: HashAlgorithmIdentifier;
  /** What makes keys of one secret differ by chance. */
  salt: BufferSource;
  /** What makes keys of one secret differ by purpose. */
  info: BufferSource;
}
/** How PBKDF2 derives. */
interface Pbkdf2Params extends Algorithm {
  /** The hash function. */
  hash: HashAlgorithmIdentifier;
  /** How often; the slower the better. */
  iterations: number;
  /** What makes keys of one password differ. */
  salt: BufferSource;
}
/** How a key of RSA is made. */
interface RsaKeyGenParams extends Algorithm {
  /** Bits of the modulus. */
  modulusLength: number;
  /** The public exponent, usually 65,537. */
  publicExponent: BigInteger;
}
/** How a key of RSA is made with its hash function. */
interface RsaHashedKeyGenParams extends RsaKeyGenParams {
  /** The hash function. */
  hash: HashAlgorithmIdentifier;
}
/** How a key of RSA is read. */
interface RsaHashedImportParams extends Algorithm {
  /** The hash function. */
  hash: HashAlgorithmIdentifier;
}
/** How RSA-OAEP encrypts. */
interface RsaOaepParams extends Algorithm {
  /** What is vouched for and not encrypted. */
  label?: BufferSource;
}
/** How RSA-PSS signs. */
interface RsaPssParams extends Algorithm {
  /** Bytes of the random salt. */
  saltLength: number;
}

/** A prime of an RSA key that has more than two. */
interface RsaOtherPrimesInfo {
  d?: string;
  r?: string;
  t?: string;
}
/** A key as JSON (RFC 7517). */
interface JsonWebKey {
  alg?: string;
  crv?: string;
  d?: string;
  dp?: string;
  dq?: string;
  e?: string;
  ext?: boolean;
  k?: string;
  key_ops?: string[];
  kty?: string;
  n?: string;
  oth?: RsaOtherPrimesInfo[];
  p?: string;
  q?: string;
  qi?: string;
  use?: string;
  x?: string;
  y?: string;
}
