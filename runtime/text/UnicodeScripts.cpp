// SPDX-License-Identifier: Apache-2.0
// Cuts where the script changes, as SentencePiece does: Hiragana and Katakana
// count as Han, a space goes with what is before it.
#include "runtime/text/PreTokenizers.h"
#include <mutex>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace llmc::text {

namespace {

/// Script names of ISO 15924 as PCRE2 spells them; the position is the id.
const char *const scriptNames[] = {"Adlam",
                                   "Ahom",
                                   "Anatolian_Hieroglyphs",
                                   "Arabic",
                                   "Armenian",
                                   "Avestan",
                                   "Balinese",
                                   "Bamum",
                                   "Bassa_Vah",
                                   "Batak",
                                   "Bengali",
                                   "Bhaiksuki",
                                   "Bopomofo",
                                   "Brahmi",
                                   "Braille",
                                   "Buginese",
                                   "Buhid",
                                   "Canadian_Aboriginal",
                                   "Carian",
                                   "Caucasian_Albanian",
                                   "Chakma",
                                   "Cham",
                                   "Cherokee",
                                   "Common",
                                   "Coptic",
                                   "Cuneiform",
                                   "Cypriot",
                                   "Cyrillic",
                                   "Deseret",
                                   "Devanagari",
                                   "Duployan",
                                   "Egyptian_Hieroglyphs",
                                   "Elbasan",
                                   "Ethiopic",
                                   "Georgian",
                                   "Glagolitic",
                                   "Gothic",
                                   "Grantha",
                                   "Greek",
                                   "Gujarati",
                                   "Gurmukhi",
                                   "Han",
                                   "Hangul",
                                   "Hanunoo",
                                   "Hatran",
                                   "Hebrew",
                                   "Hiragana",
                                   "Imperial_Aramaic",
                                   "Inherited",
                                   "Inscriptional_Pahlavi",
                                   "Inscriptional_Parthian",
                                   "Javanese",
                                   "Kaithi",
                                   "Kannada",
                                   "Katakana",
                                   "Kayah_Li",
                                   "Kharoshthi",
                                   "Khmer",
                                   "Khojki",
                                   "Khudawadi",
                                   "Lao",
                                   "Latin",
                                   "Lepcha",
                                   "Limbu",
                                   "Linear_A",
                                   "Linear_B",
                                   "Lisu",
                                   "Lycian",
                                   "Lydian",
                                   "Mahajani",
                                   "Malayalam",
                                   "Mandaic",
                                   "Manichaean",
                                   "Marchen",
                                   "Meetei_Mayek",
                                   "Mende_Kikakui",
                                   "Meroitic_Cursive",
                                   "Meroitic_Hieroglyphs",
                                   "Miao",
                                   "Modi",
                                   "Mongolian",
                                   "Mro",
                                   "Multani",
                                   "Myanmar",
                                   "Nabataean",
                                   "New_Tai_Lue",
                                   "Newa",
                                   "Nko",
                                   "Ogham",
                                   "Ol_Chiki",
                                   "Old_Hungarian",
                                   "Old_Italic",
                                   "Old_North_Arabian",
                                   "Old_Permic",
                                   "Old_Persian",
                                   "Old_South_Arabian",
                                   "Old_Turkic",
                                   "Oriya",
                                   "Osage",
                                   "Osmanya",
                                   "Pahawh_Hmong",
                                   "Palmyrene",
                                   "Pau_Cin_Hau",
                                   "Phags_Pa",
                                   "Phoenician",
                                   "Psalter_Pahlavi",
                                   "Rejang",
                                   "Runic",
                                   "Samaritan",
                                   "Saurashtra",
                                   "Sharada",
                                   "Shavian",
                                   "Siddham",
                                   "SignWriting",
                                   "Sinhala",
                                   "Sora_Sompeng",
                                   "Sundanese",
                                   "Syloti_Nagri",
                                   "Syriac",
                                   "Tagalog",
                                   "Tagbanwa",
                                   "Tai_Le",
                                   "Tai_Tham",
                                   "Tai_Viet",
                                   "Takri",
                                   "Tamil",
                                   "Tangut",
                                   "Telugu",
                                   "Thaana",
                                   "Thai",
                                   "Tibetan",
                                   "Tifinagh",
                                   "Tirhuta",
                                   "Ugaritic",
                                   "Vai",
                                   "Warang_Citi",
                                   "Yi"};
constexpr int anyScript = -1;

/// One expression with an alternative, named by a mark, per script. PCRE2 has
/// the script data that no other dependency has.
class ScriptTable {
public:
  ScriptTable() {
    std::string source;
    for (size_t i = 0; i < std::size(scriptNames); ++i)
      source += (i ? "|(*MARK:" : "(*MARK:") + std::to_string(i) +
                ")\\p{sc:" + scriptNames[i] + "}";
    int error = 0;
    PCRE2_SIZE offset = 0;
    code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()),
                          source.size(), PCRE2_UTF | PCRE2_ANCHORED, &error,
                          &offset, nullptr);
    for (int &script : ascii_)
      script = -2;
  }

  /// anyScript where the character has none that is known here.
  int scriptOf(std::string_view text, size_t at, CodePoint p) {
    if (p.value < 128 && ascii_[p.value] != -2)
      return ascii_[p.value];
    int script = anyScript;
    if (code_) {
      pcre2_match_data *data = pcre2_match_data_create(1, nullptr);
      if (!data)
        throw std::bad_alloc();
      int rc =
          pcre2_match(code_, reinterpret_cast<PCRE2_SPTR>(text.data() + at),
                      p.size, 0, PCRE2_NO_UTF_CHECK, data, nullptr);
      PCRE2_SPTR mark = rc >= 0 ? pcre2_get_mark(data) : nullptr;
      if (mark)
        script = std::stoi(reinterpret_cast<const char *>(mark));
      pcre2_match_data_free(data);
    }
    if (p.value < 128)
      ascii_[p.value] = script;
    return script;
  }

private:
  pcre2_code *code_ = nullptr;
  int ascii_[128];
};

int indexOf(std::string_view name) {
  for (size_t i = 0; i < std::size(scriptNames); ++i)
    if (scriptNames[i] == name)
      return static_cast<int>(i);
  return anyScript;
}

int joinedScript(ScriptTable &table, std::string_view text, size_t at,
                 CodePoint p) {
  static const int han = indexOf("Han"), hiragana = indexOf("Hiragana"),
                   katakana = indexOf("Katakana");
  if (p.value == ' ')
    return anyScript;
  if (p.value == 0x30FC)
    return han;
  int script = table.scriptOf(text, at, p);
  return script == hiragana || script == katakana ? han : script;
}

struct UnicodeScripts : PreTokenizer {
  Status apply(PreTokenized &words) const override {
    static std::mutex mutex;
    static ScriptTable table;
    std::lock_guard<std::mutex> lock(mutex);
    std::string_view text = words.text.text();
    words.spare.clear();
    for (Part part : words.parts) {
      // What comes before the first character with a script is dropped.
      constexpr int none = -2;
      int last = none;
      for (uint32_t i = part.begin; i < part.end;) {
        CodePoint p = decodeAt(text, i);
        int script = joinedScript(table, text, i, p);
        if (script != anyScript && script != last)
          words.spare.push_back({i, i});
        if (last != none || script != anyScript)
          words.spare.back().end = i + p.size;
        if (script != anyScript)
          last = script;
        i += p.size;
      }
    }
    words.parts.swap(words.spare);
    return Status();
  }
};

} // namespace

std::unique_ptr<PreTokenizer> makeUnicodeScripts() {
  return std::make_unique<UnicodeScripts>();
}

} // namespace llmc::text
