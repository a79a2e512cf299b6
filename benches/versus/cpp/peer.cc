// libphonenumber itself, asked what the other peers are asked. The run compiles this (src/cpp.rs) where Debian's
// libphonenumber-dev is installed.
//
// stdin: numbers to time, one a line; an empty line; numbers to answer.
// stdout: ns a number, ms of the first call, bytes by which resident memory grew in the first call, and by the end of the
// first round, one a line; then an answer a line: `region,kind`, or nothing for a number that is not valid.

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using Clock = std::chrono::steady_clock;

static const char* Name(PhoneNumberUtil::PhoneNumberType type) {
  switch (type) {
    case PhoneNumberUtil::FIXED_LINE: return "fixed_line";
    case PhoneNumberUtil::MOBILE: return "mobile";
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE: return "fixed_line_or_mobile";
    case PhoneNumberUtil::TOLL_FREE: return "toll_free";
    case PhoneNumberUtil::PREMIUM_RATE: return "premium_rate";
    case PhoneNumberUtil::SHARED_COST: return "shared_cost";
    case PhoneNumberUtil::VOIP: return "voip";
    case PhoneNumberUtil::PERSONAL_NUMBER: return "personal_number";
    case PhoneNumberUtil::PAGER: return "pager";
    case PhoneNumberUtil::UAN: return "uan";
    case PhoneNumberUtil::VOICEMAIL: return "voicemail";
    default: return "unknown";
  }
}

static const char* Ask(const std::string& text, std::string* region) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (util.Parse(text, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR || !util.IsValidNumber(number)) {
    return nullptr;
  }
  util.GetRegionCodeForNumber(number, region);
  return Name(util.GetNumberType(number));
}

static long ResidentBytes() {
  long all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

static double Round(const std::vector<std::string>& numbers) {
  std::string region;
  size_t valid = 0;
  const auto start = Clock::now();
  for (const auto& number : numbers) valid += Ask(number, &region) != nullptr;
  const double nanos = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  if (valid > numbers.size()) std::cerr << valid;  // so that the answers are used
  return nanos / numbers.size();
}

static std::vector<std::string> Lines() {
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line) && !line.empty();) lines.push_back(line);
  return lines;
}

int main() {
  const auto timed = Lines();
  const auto checked = Lines();
  if (timed.empty()) return 1;

  std::string region;
  const long before = ResidentBytes();
  const auto start = Clock::now();
  Ask(timed.front(), &region);
  const double first = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  const long after_first = ResidentBytes() - before;
  Round(timed);
  const long after_round = ResidentBytes() - before;

  const auto started = Clock::now();
  double fastest = Round(timed);
  while (Clock::now() - started < std::chrono::seconds(5)) fastest = std::min(fastest, Round(timed));

  std::cout << fastest << '\n' << first << '\n' << after_first << '\n' << after_round << '\n';
  for (const auto& number : checked) {
    const char* kind = Ask(number, &region);
    if (kind != nullptr) std::cout << region << ',' << kind;
    std::cout << '\n';
  }
}
