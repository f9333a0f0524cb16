// The tables behind colour.h. Base and class hues follow Okabe and Ito's set for colour-blind readers, a
// little softened.
#include "ui/colour.h"

#include <cmath>
#include <string_view>

#include "ui/theme.h"

namespace ribostep::ui {
namespace {

constexpr ImU32 rgb(unsigned hex) {
  return IM_COL32((hex >> 16u) & 255u, (hex >> 8u) & 255u, hex & 255u, 255);
}

using Stops = std::array<ImU32, 4>;  // from the neutral end outwards
constexpr Stops kBlueLight{rgb(0xF4F6F8), rgb(0x9CC7E8), rgb(0x2F7FC1), rgb(0x083A6C)};
constexpr Stops kOrangeLight{rgb(0xF4F6F8), rgb(0xF6C28B), rgb(0xDB741B), rgb(0x7E3300)};
constexpr Stops kVioletLight{rgb(0xF4F2F8), rgb(0xC8B5DF), rgb(0x8657AF), rgb(0x431871)};
constexpr Stops kBlueDark{rgb(0x1C252E), rgb(0x2B6291), rgb(0x55A9E6), rgb(0xCDE9FF)};
constexpr Stops kOrangeDark{rgb(0x1C252E), rgb(0x86501F), rgb(0xE98F41), rgb(0xFFE0BC)};
constexpr Stops kVioletDark{rgb(0x1E1C28), rgb(0x4D3C79), rgb(0x9C7DDA), rgb(0xEBDEFF)};

ImU32 along(const Stops& stops, float share) {
  const float scaled = share * 3;
  const auto segment = static_cast<std::size_t>(scaled >= 3 ? 2 : scaled);
  return mixed(stops[segment], stops[segment + 1], scaled - static_cast<float>(segment));
}

struct ResidueClass {
  std::string_view letters;
  const char* name;
  ImU32 light, dark;
};
constexpr std::array<ResidueClass, 6> kResidues{{{"AVLIM", "hydrophobic", rgb(0xA9BBCB), rgb(0x50667A)},
                                                 {"FWY", "aromatic", rgb(0xB79AD6), rgb(0x6B4E93)},
                                                 {"STNQ", "polar", rgb(0x5DBE9F), rgb(0x22785F)},
                                                 {"KRH", "positive", rgb(0x65A5DC), rgb(0x2B6AA3)},
                                                 {"DE", "negative", rgb(0xE07A45), rgb(0xA84C1B)},
                                                 {"CGP", "special", rgb(0xEFC254), rgb(0x876308)}}};

struct BaseColour {
  std::string_view letters;
  ImU32 light, dark;
};
constexpr std::array<BaseColour, 4> kBases{{{"A", rgb(0x4DB593), rgb(0x1F7F62)},
                                            {"C", rgb(0x69A8DE), rgb(0x2D6CA6)},
                                            {"G", rgb(0xF2C555), rgb(0xA67B12)},
                                            {"TU", rgb(0xE07F4C), rgb(0xAE4F1E)}}};
constexpr ImU32 kOtherLight = rgb(0xC9CFD5), kOtherDark = rgb(0x4A5560);

constexpr std::array<ImU32, 8> kClassLight{rgb(0x005FA3), rgb(0xC25100), rgb(0x00785A), rgb(0xA63D7C),
                                           rgb(0x8A6A00), rgb(0x2B8FB8), rgb(0x5B4BA8), rgb(0x5E6770)};
constexpr std::array<ImU32, 8> kClassDark{rgb(0x6DB8F0), rgb(0xF39A5C), rgb(0x43C79F), rgb(0xE58CC2),
                                          rgb(0xE2C04D), rgb(0x8ADCF5), rgb(0xAFA1F2), rgb(0xAAB4BE)};

}  // namespace

ColourMap diverging(bool dark) {
  const Stops& blue = dark ? kBlueDark : kBlueLight;
  const Stops& orange = dark ? kOrangeDark : kOrangeLight;
  ColourMap map;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const float v = (static_cast<float>(i) - 127.5f) / 127.5f;
    map[i] = along(v < 0 ? orange : blue, std::fabs(v));
  }
  return map;
}

ColourMap sequential(bool dark) {
  ColourMap map;
  for (std::size_t i = 0; i < map.size(); ++i) {
    map[i] = along(dark ? kVioletDark : kVioletLight, static_cast<float>(i) / 255.0f);
  }
  return map;
}

ImU32 letter_colour(char letter, bool nucleic, bool dark) {
  if (nucleic) {
    for (const BaseColour& base : kBases) {
      if (base.letters.find(letter) != std::string_view::npos) return dark ? base.dark : base.light;
    }
  } else {
    for (const ResidueClass& residue : kResidues) {
      if (residue.letters.find(letter) != std::string_view::npos) return dark ? residue.dark : residue.light;
    }
  }
  return dark ? kOtherDark : kOtherLight;
}

ImU32 letter_colour(char letter, const bio::Alphabet& alphabet, bool dark) {
  const int token = alphabet.is_formal() ? alphabet.token(letter) : -1;
  return token >= 0 ? class_colour(token, dark) : letter_colour(letter, alphabet.is_nucleic(), dark);
}

const char* residue_class(char letter) {
  for (const ResidueClass& residue : kResidues) {
    if (residue.letters.find(letter) != std::string_view::npos) return residue.name;
  }
  return "";
}

ImU32 class_colour(int k, bool dark) {
  const auto index = static_cast<std::size_t>(k < 0 ? 0 : k) % kClassLight.size();
  return dark ? kClassDark[index] : kClassLight[index];
}

ImU32 ink_on(ImU32 fill) {
  const ImU32 black = IM_COL32(16, 22, 28, 255), white = IM_COL32_WHITE;
  return contrast(fill, black) >= contrast(fill, white) ? black : white;
}

}  // namespace ribostep::ui
