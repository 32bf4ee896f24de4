// SPDX-License-Identifier: Apache-2.0
// The Web Cryptography API.

/** Chance and cryptography. */
interface Crypto {
  /** What computes with keys. */
  readonly subtle: SubtleCrypto;
  /** Fills an array of integers, at most 65,536 bytes, with random ones. */
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  /** A random UUID (version 4). */
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
}
/** Made by the runtime alone. */
declare var Crypto: { prototype: Crypto; new (): never };
/** Chance and cryptography. */
declare var crypto: Crypto;

/** Whether a key is kept secret, and which half of a pair it is. */
type KeyType = 'private' | 'public' | 'secret';
/** What a key may be used for. */
type KeyUsage = 'decrypt' | 'deriveBits' | 'deriveKey' | 'encrypt' | 'sign' | 'unwrapKey' | 'verify' | 'wrapKey';
/** How a key is written down. */
type KeyFormat = 'jwk' | 'pkcs8' | 'raw' | 'spki';
/** A key that a program uses without seeing it. */
interface CryptoKey {
  /** Which kind of key. */
  readonly type: KeyType;
  /** Whether exportKey shows it. */
  readonly extractable: boolean;
  /** What it is for, with its parameters. */
  readonly algorithm: KeyAlgorithm;
  /** What it may be used for. */
  readonly usages: KeyUsage[];
}
/** Made by SubtleCrypto alone. */
declare var CryptoKey: { prototype: CryptoKey; new (): never };
/** Two halves of a key. */
interface CryptoKeyPair {
  /** The half to keep. */
  privateKey: CryptoKey;
  /** The half to give away. */
  publicKey: CryptoKey;
}

/** Computes with keys. */
interface SubtleCrypto {
  /** Makes data unreadable. */
  encrypt(
    algorithm: AlgorithmIdentifier | RsaOaepParams | AesCtrParams | AesCbcParams | AesGcmParams, key: CryptoKey,
    data: BufferSource,
  ): Promise<ArrayBuffer>;
  /** Makes data readable again. */
  decrypt(
    algorithm: AlgorithmIdentifier | RsaOaepParams | AesCtrParams | AesCbcParams | AesGcmParams, key: CryptoKey,
    data: BufferSource,
  ): Promise<ArrayBuffer>;
  /** Makes a signature. */
  sign(
    algorithm: AlgorithmIdentifier | RsaPssParams | EcdsaParams, key: CryptoKey, data: BufferSource,
  ): Promise<ArrayBuffer>;
  /** Whether a signature is one of the data. */
  verify(
    algorithm: AlgorithmIdentifier | RsaPssParams | EcdsaParams, key: CryptoKey, signature: BufferSource,
    data: BufferSource,
  ): Promise<boolean>;
  /** The hash of data. */
  digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer>;
  /** Makes a key pair. */
  generateKey(
    algorithm: 'Ed25519' | 'X25519' | RsaHashedKeyGenParams | EcKeyGenParams, extractable: boolean,
    keyUsages: Iterable<KeyUsage>,
  ): Promise<CryptoKeyPair>;
  /** Makes a secret key. */
  generateKey(
    algorithm: AesKeyGenParams | HmacKeyGenParams, extractable: boolean, keyUsages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  generateKey(
    algorithm: AlgorithmIdentifier, extractable: boolean, keyUsages: Iterable<KeyUsage>,
  ): Promise<CryptoKeyPair | CryptoKey>;
  /** Makes a key of another. */
  deriveKey(
    algorithm: AlgorithmIdentifier | EcdhKeyDeriveParams | HkdfParams | Pbkdf2Params, baseKey: CryptoKey,
    derivedKeyType: AlgorithmIdentifier | AesDerivedKeyParams | HmacImportParams | HkdfParams | Pbkdf2Params,
    extractable: boolean, keyUsages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  /** Makes bits of a key. */
  deriveBits(
    algorithm: AlgorithmIdentifier | EcdhKeyDeriveParams | HkdfParams | Pbkdf2Params, baseKey: CryptoKey,
    length?: number | null,
  ): Promise<ArrayBuffer>;
  /** Reads a key. */
  importKey(
    format: 'jwk', keyData: JsonWebKey,
    algorithm: AlgorithmIdentifier | RsaHashedImportParams | EcKeyImportParams | HmacImportParams, extractable: boolean,
    keyUsages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  importKey(
    format: Exclude<KeyFormat, 'jwk'>, keyData: BufferSource,
    algorithm: AlgorithmIdentifier | RsaHashedImportParams | EcKeyImportParams | HmacImportParams, extractable: boolean,
    keyUsages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  /** Writes a key down. */
  exportKey(format: 'jwk', key: CryptoKey): Promise<JsonWebKey>;
  exportKey(format: Exclude<KeyFormat, 'jwk'>, key: CryptoKey): Promise<ArrayBuffer>;
  exportKey(format: KeyFormat, key: CryptoKey): Promise<ArrayBuffer | JsonWebKey>;
  /** Writes a key down and encrypts that. */
  wrapKey(
    format: KeyFormat, key: CryptoKey, wrappingKey: CryptoKey,
    wrapAlgorithm: AlgorithmIdentifier | RsaOaepParams | AesCtrParams | AesCbcParams | AesGcmParams,
  ): Promise<ArrayBuffer>;
  /** Decrypts a key and reads it. */
  unwrapKey(
    format: KeyFormat, wrappedKey: BufferSource, unwrappingKey: CryptoKey,
    unwrapAlgorithm: AlgorithmIdentifier | RsaOaepParams | AesCtrParams | AesCbcParams | AesGcmParams,
    unwrappedKeyAlgorithm: AlgorithmIdentifier | RsaHashedImportParams | EcKeyImportParams | HmacImportParams,
    extractable: boolean, keyUsages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
}
/** Made by the runtime alone. */
declare var SubtleCrypto: { prototype: SubtleCrypto; new (): never };
