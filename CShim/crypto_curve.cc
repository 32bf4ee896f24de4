// SPDX-License-Identifier: Apache-2.0
// Keys on curves. A public key is a point in uncompressed form, or the bytes of RFC 8032 and RFC 7748; a private key is
// a number of the group's size, or those bytes.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <cstring>

#include "crypto.h"

namespace ci {

namespace {

struct CurveEntry {
  const char *name;
  // 0: no curve of the kind that ECDSA is for.
  int nid;
  size_t private_size;
  size_t public_size;
};
constexpr CurveEntry kCurves[] = {
    {"P-256", NID_X9_62_prime256v1, 32, 65},
    {"P-384", NID_secp384r1, 48, 97},
    {"P-521", NID_secp521r1, 66, 133},
    {"ED25519", 0, 32, 32},
    {"ED448", 0, 57, 57},
    {"X25519", 0, 32, 32},
    {"X448", 0, 56, 56},
};
static_assert(sizeof(kCurves) / sizeof(kCurves[0]) == static_cast<size_t>(Curve::kCount));

const CurveEntry &EntryOf(Curve curve) { return kCurves[static_cast<size_t>(curve)]; }

using OwnedNumber = Owned<BIGNUM, BN_clear_free>;
using OwnedGroup = Owned<EC_GROUP, EC_GROUP_free>;
using OwnedPoint = Owned<EC_POINT, EC_POINT_clear_free>;
using OwnedBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using OwnedParameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using OwnedSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;

// `secret` may be empty.
OwnedKey KeyOf(Curve curve, Bytes point, Bytes secret) {
  const CurveEntry &entry = EntryOf(curve);
  if (entry.nid == 0) {
    auto make = secret.count ? EVP_PKEY_new_raw_private_key_ex : EVP_PKEY_new_raw_public_key_ex;
    Bytes bytes = secret.count ? secret : point;
    return OwnedKey(make(nullptr, entry.name, nullptr, bytes.data, bytes.count));
  }
  OwnedBuilder builder(OSSL_PARAM_BLD_new());
  OwnedNumber number(secret.count ? BN_bin2bn(secret.data, static_cast<int>(secret.count), nullptr) : nullptr);
  if (!builder || (secret.count && !number) ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, entry.name, 0) != 1 ||
      (point.count &&
       OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data, point.count) != 1) ||
      (number && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1)) {
    return nullptr;
  }
  OwnedParameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY *key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, secret.count ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters.get()) !=
          1) {
    return nullptr;
  }
  return OwnedKey(key);
}

bool Generate(Curve curve, std::vector<std::string> *out) {
  const CurveEntry &entry = EntryOf(curve);
  OwnedKey key(entry.nid == 0 ? EVP_PKEY_Q_keygen(nullptr, nullptr, entry.name) : EVP_EC_gen(entry.name));
  if (!key) return false;
  std::string point(entry.public_size, '\0');
  std::string secret(entry.private_size, '\0');
  auto *point_bytes = reinterpret_cast<unsigned char *>(point.data());
  auto *secret_bytes = reinterpret_cast<unsigned char *>(secret.data());
  size_t count = point.size();
  if (EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point_bytes, count, &count) != 1 ||
      count != point.size()) {
    return false;
  }
  if (entry.nid == 0) {
    count = secret.size();
    if (EVP_PKEY_get_raw_private_key(key.get(), secret_bytes, &count) != 1 || count != secret.size()) return false;
  } else {
    BIGNUM *number = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) return false;
    OwnedNumber owned(number);
    if (BN_bn2binpad(number, secret_bytes, static_cast<int>(secret.size())) < 0) return false;
  }
  *out = {std::move(point), std::move(secret)};
  return true;
}

// The point of bytes in any form, or the generator taken times a private key; uncompressed.
bool WritePoint(Curve curve, Bytes bytes, bool is_private, uint8_t *out) {
  const CurveEntry &entry = EntryOf(curve);
  OwnedGroup group(EC_GROUP_new_by_curve_name(entry.nid));
  OwnedPoint point(group ? EC_POINT_new(group.get()) : nullptr);
  if (!point) return false;
  if (is_private) {
    OwnedNumber number(BN_bin2bn(bytes.data, static_cast<int>(bytes.count), nullptr));
    if (!number || BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0 ||
        EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1) {
      return false;
    }
  } else {
    // The forms that the standards know: uncompressed, and compressed. OpenSSL knows a hybrid one too.
    if (bytes.count == 0 || bytes.data[0] < 2 || bytes.data[0] > 4 ||
        EC_POINT_oct2point(group.get(), point.get(), bytes.data, bytes.count, nullptr) != 1) {
      return false;
    }
  }
  return EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, out, entry.public_size, nullptr) ==
         entry.public_size;
}

bool WritePublic(Curve curve, Bytes bytes, bool is_private, uint8_t *out) {
  const CurveEntry &entry = EntryOf(curve);
  if (is_private && bytes.count != entry.private_size) return false;
  if (entry.nid != 0) return WritePoint(curve, bytes, is_private, out);
  if (!is_private) {
    if (bytes.count != entry.public_size) return false;
    std::memcpy(out, bytes.data, bytes.count);
    return true;
  }
  OwnedKey key = KeyOf(curve, {}, bytes);
  size_t count = entry.public_size;
  return key && EVP_PKEY_get_raw_public_key(key.get(), out, &count) == 1 && count == entry.public_size;
}

// ---- Signatures

// From DER to both numbers one after the other.
bool Flatten(const uint8_t *der, size_t der_count, size_t size, uint8_t *out) {
  OwnedSignature signature(d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(der_count)));
  return signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, static_cast<int>(size)) >= 0 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + size, static_cast<int>(size)) >= 0;
}

std::vector<uint8_t> ToDer(Bytes flat) {
  int size = static_cast<int>(flat.count / 2);
  OwnedSignature signature(ECDSA_SIG_new());
  OwnedNumber r(BN_bin2bn(flat.data, size, nullptr));
  OwnedNumber s(BN_bin2bn(flat.data + size, size, nullptr));
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  r.release();
  s.release();
  int count = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (count <= 0) return {};
  std::vector<uint8_t> der(static_cast<size_t>(count));
  uint8_t *out = der.data();
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

void RunEcdsa(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  bool signs = request.operation == CryptoOperation::kCurveSign;
  size_t size = EntryOf(request.curve()).private_size;
  Bytes last = request.parts[3];
  OwnedKey key = KeyOf(request.curve(), request.parts[2], signs ? last : Bytes());
  OwnedDigestContext context(EVP_MD_CTX_new());
  const EVP_MD *digest = MessageDigest(request.hash(1));
  if (!key || !context || !digest) return;
  auto begin = signs ? EVP_DigestSignInit : EVP_DigestVerifyInit;
  if (begin(context.get(), nullptr, digest, nullptr, key.get()) != 1) return;
  bool is_added = InSlices(request.parts[0], patience, [&](const uint8_t *slice, size_t count) {
    return EVP_DigestUpdate(context.get(), slice, count) == 1;
  });
  if (!is_added) return;
  if (!signs) {
    std::vector<uint8_t> der = last.count == 2 * size ? ToDer(last) : std::vector<uint8_t>();
    result->SetTruth(!der.empty() && EVP_DigestVerifyFinal(context.get(), der.data(), der.size()) == 1);
    return;
  }
  uint8_t der[160];
  size_t count = sizeof(der);
  if (EVP_DigestSignFinal(context.get(), der, &count) == 1 && Flatten(der, count, size, result->output)) {
    result->SetBytes(2 * size);
  }
}

// Whether the bytes are a point of small order, with which one signature fits many messages. `bytes` has the size of
// the curve's public keys.
bool HasSmallOrder(Curve curve, const uint8_t *bytes) {
  size_t size = EntryOf(curve).public_size;
  // Without the sign of x. y is 0, 1 or -1; the numbers that are the same modulo p count too.
  std::array<uint8_t, 57> y = {};
  std::memcpy(y.data(), bytes, size);
  y[size - 1] &= 0x7f;
  auto is_filled = [&](size_t from, size_t to, uint8_t value) {
    for (size_t i = from; i < to; ++i) {
      if (y[i] != value) return false;
    }
    return true;
  };
  if (y[0] <= 1 && is_filled(1, size, 0)) return true;
  if (curve == Curve::kEd448) {
    return y[0] >= 0xfe && is_filled(1, 28, 0xff) && y[28] == 0xfe && is_filled(29, 56, 0xff) && y[56] == 0;
  }
  if (y[0] >= 0xec && y[0] <= 0xee && is_filled(1, 31, 0xff) && y[31] == 0x7f) return true;
  constexpr uint8_t kOfOrder8[][32] = {
      {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
       0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
      {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
       0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
  };
  return std::memcmp(y.data(), kOfOrder8[0], 32) == 0 || std::memcmp(y.data(), kOfOrder8[1], 32) == 0;
}

// OpenSSL 3.0 knows no context of Ed448 but the empty one.
void RunEddsa(const CryptoRequest &request, CryptoResult *result) {
  bool signs = request.operation == CryptoOperation::kCurveSign;
  size_t size = EntryOf(request.curve()).public_size;
  Bytes data = request.parts[0];
  Bytes point = request.parts[2];
  Bytes last = request.parts[3];
  OwnedKey key = KeyOf(request.curve(), point, signs ? last : Bytes());
  OwnedDigestContext context(EVP_MD_CTX_new());
  if (!context || request.parts[1].count > 0) return;
  if (signs) {
    size_t count = 2 * size;
    if (key && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestSign(context.get(), result->output, &count, AddressOf(data), data.count) == 1) {
      result->SetBytes(count);
    }
    return;
  }
  bool may_fit = key && point.count == size && last.count == 2 * size && !HasSmallOrder(request.curve(), point.data) &&
                 !HasSmallOrder(request.curve(), last.data);
  result->SetTruth(may_fit && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                   EVP_DigestVerify(context.get(), last.data, last.count, AddressOf(data), data.count) == 1);
}

}  // namespace

// Signatures of Ed448 have two points, those of P-521 two numbers.
size_t RoomFor(Curve curve) { return 2 * EntryOf(curve).public_size; }

void RunCurveKey(const CryptoRequest &request, CryptoResult *result, const Patience &) {
  if (request.operation == CryptoOperation::kCurveGenerate) {
    std::vector<std::string> parts;
    if (Generate(request.curve(), &parts)) result->SetParts(std::move(parts));
    return;
  }
  bool is_private = request.operation == CryptoOperation::kCurveDerive;
  if (WritePublic(request.curve(), request.parts[0], is_private, result->output)) {
    result->SetBytes(EntryOf(request.curve()).public_size);
  }
}

void RunCurveSignature(const CryptoRequest &request, CryptoResult *result, const Patience &patience) {
  if (EntryOf(request.curve()).nid != 0)
    RunEcdsa(request, result, patience);
  else
    RunEddsa(request, result);
}

void RunCurveAgree(const CryptoRequest &request, CryptoResult *result, const Patience &) {
  OwnedKey mine = KeyOf(request.curve(), {}, request.parts[0]);
  OwnedKey theirs = KeyOf(request.curve(), request.parts[1], {});
  OwnedKeyContext context(mine ? EVP_PKEY_CTX_new_from_pkey(nullptr, mine.get(), nullptr) : nullptr);
  size_t count = RoomFor(request.curve());
  if (context && theirs && EVP_PKEY_derive_init(context.get()) == 1 &&
      EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
      EVP_PKEY_derive(context.get(), result->output, &count) == 1) {
    result->SetBytes(count);
  }
}

}  // namespace ci
