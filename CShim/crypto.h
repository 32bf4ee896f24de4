// SPDX-License-Identifier: Apache-2.0
// What the prelude's `crypto.subtle` has computed, by OpenSSL. Nothing here knows V8: a computation may be done on any
// thread.
#ifndef CSHIM_CRYPTO_H
#define CSHIM_CRYPTO_H

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ci {

struct Bytes {
  const uint8_t *data = nullptr;
  size_t count = 0;
};

// Asked every millisecond or so of a computation; false: nobody wants the result any more.
struct Patience {
  bool (*goes_on)(void *context) = nullptr;
  void *context = nullptr;
  bool operator()() const { return !goes_on || goes_on(context); }
};

// The numbers of these three are known to JavaScript.
// Comments: (numbers; parts).
enum class CryptoOperation : uint32_t {
  kDigest,         // (hash; data)
  kHmac,           // (hash; key, data)
  kHmacVerify,     // (hash; key, data, signature)
  kPbkdf2,         // (hash, iterations, length; password, salt)
  kHkdf,           // (hash, length; key, salt, info)
  kCipher,         // (mode, encrypts, bits of the tag or of the counter; key, data, vector, additional data)
  kRsaGenerate,    // (bits; public exponent): the components
  kRsaCheck,       // (; components): whether they are a key
  kRsaSign,        // (is PSS, hash, length of the salt; data, components)
  kRsaVerify,      // (is PSS, hash, length of the salt; data, signature, components)
  kRsaOaep,        // (encrypts, hash; data, label, components)
  kCurveGenerate,  // (curve): public and private key
  kCurvePublic,    // (curve; public key): the same, of which a point is uncompressed
  kCurveDerive,    // (curve; private key): its public key
  kCurveSign,      // (curve, hash; data, context, public key, private key)
  kCurveVerify,    // (curve, hash; data, context, public key, signature)
  kCurveAgree,     // (curve; private key, another's public key): the secret
  kCount,
};
enum class Hash : uint32_t { kSha1, kSha256, kSha384, kSha512, kCount };
enum class Curve : uint32_t { kP256, kP384, kP521, kEd25519, kEd448, kX25519, kX448, kCount };

struct CryptoRequest {
  CryptoOperation operation = CryptoOperation::kCount;
  std::array<uint32_t, 3> numbers = {};
  // RSA's private key has eight components.
  std::array<Bytes, 11> parts = {};
  size_t part_count = 0;

  Hash hash(size_t index) const { return static_cast<Hash>(numbers[index]); }
  Curve curve() const { return static_cast<Curve>(numbers[0]); }
};

// What a computation answers: bytes in `output`, a boolean, or a few short parts. None of them: it failed.
struct CryptoResult {
  enum class Kind : uint8_t { kFailed, kBytes, kBoolean, kParts };
  Kind kind = Kind::kFailed;
  bool truth = false;
  // Room for as many bytes as `CryptoOutputSize` says, and how many there are.
  uint8_t *output = nullptr;
  size_t count = 0;
  std::vector<std::string> parts;

  void SetBytes(size_t written) {
    kind = Kind::kBytes;
    count = written;
  }
  void SetTruth(bool value) {
    kind = Kind::kBoolean;
    truth = value;
  }
  void SetParts(std::vector<std::string> values) {
    kind = Kind::kParts;
    parts = std::move(values);
  }
};

// Whether the request has parts as its operation takes them, and a hash and a curve that there are.
bool IsCryptoRequest(const CryptoRequest &request);
// How many bytes the result may have; 0: it is of another kind.
size_t CryptoOutputSize(const CryptoRequest &request);
// About how many microseconds of CPU it takes.
uint64_t CryptoEffort(const CryptoRequest &request);
// Computes. Within a ShimScope: OpenSSL has locks of its own.
void RunCrypto(const CryptoRequest &request, CryptoResult *result, const Patience &patience);

// ---- Shared by the files of computations

const EVP_MD *MessageDigest(Hash hash);
size_t SizeOf(Hash hash);

template <typename T, void (*free)(T *)>
struct Freeing {
  void operator()(T *object) const { free(object); }
};
template <typename T, void (*free)(T *)>
using Owned = std::unique_ptr<T, Freeing<T, free>>;
using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedKeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

// Calls `take` with slices of the bytes, until one fails or patience ends.
constexpr size_t kSlice = size_t{1} << 18;
template <typename Take>
bool InSlices(Bytes bytes, const Patience &patience, Take take) {
  for (size_t at = 0; at < bytes.count; at += kSlice) {
    size_t count = bytes.count - at < kSlice ? bytes.count - at : kSlice;
    if (!take(bytes.data + at, count)) return false;
    if (at + count < bytes.count && !patience()) return false;
  }
  return true;
}

// An address for OpenSSL, to which null may mean something else than nothing.
inline const uint8_t *AddressOf(Bytes bytes) {
  return bytes.count ? bytes.data : reinterpret_cast<const uint8_t *>("");
}

void RunDigest(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunHmac(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunPbkdf2(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunHkdf(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunCipher(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunRsaGenerate(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunRsaCheck(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunRsaSignature(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunRsaOaep(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunCurveKey(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunCurveSignature(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
void RunCurveAgree(const CryptoRequest &request, CryptoResult *result, const Patience &patience);
// The modulus of the RSA key in a request.
Bytes ModulusOf(const CryptoRequest &request);
// Bytes that are enough for a public key, a signature or a secret.
size_t RoomFor(Curve curve);

}  // namespace ci

#endif
