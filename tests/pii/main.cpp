// Measures the detectors of personal data on labelled webhook bodies, written and generated.
// usage: pii_corpus WRITTEN_FOLDER [--seed N] [--bodies N] [--show] [--sql | --print]
//   --seed, --bodies   of the generator: the first seed and how many bodies
//   --show             every miss and false alarm
//   --sql              one statement that asks the database for the same verdicts, instead of measuring
//   --print            the generated bodies
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "core/json/writer.hpp"
#include "core/pii/keys.hpp"
#include "core/pii/text.hpp"
#include "core/pii/url.hpp"
#include "tests/pii/corpus.hpp"
#include "tests/pii/score.hpp"

using namespace attribution;

namespace {

struct options {
    std::string written;
    std::uint64_t seed = 20261125;
    std::uint64_t bodies = 80;
    bool show = false;
    bool sql = false;
    bool print = false;
};

options read_options(int count, char** arguments) {
    options given;
    for (int i = 1; i < count; ++i) {
        const std::string_view argument = arguments[i];
        if (argument == "--show")
            given.show = true;
        else if (argument == "--sql")
            given.sql = true;
        else if (argument == "--print")
            given.print = true;
        else if (argument == "--seed" && i + 1 < count)
            given.seed = std::stoull(arguments[++i]);
        else if (argument == "--bodies" && i + 1 < count)
            given.bodies = std::stoull(arguments[++i]);
        else if (given.written.empty() && !argument.starts_with('-'))
            given.written = argument;
        else
            throw std::runtime_error("unknown argument: " + std::string(argument));
    }
    if (given.written.empty()) throw std::runtime_error("the folder of the written bodies is missing");
    return given;
}

std::vector<test::labelled_body> written_bodies(const std::string& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<test::labelled_body> bodies;
    for (const auto& file : files) {
        std::ifstream in(file);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        bodies.push_back(test::read_labelled(file.filename().string(), text));
    }
    if (bodies.empty()) throw std::runtime_error("no written bodies in " + folder);
    return bodies;
}

std::vector<test::labelled_body> generated_bodies(const options& given) {
    std::vector<test::labelled_body> bodies;
    for (std::uint64_t seed = given.seed; seed < given.seed + given.bodies; ++seed)
        bodies.push_back(test::read_labelled("seed " + std::to_string(seed), test::generate_labelled(seed)));
    return bodies;
}

// What is left when personal data was taken out, in each of the ways that it is.
bool leaves_nothing(const test::sample& of) {
    if (of.is_name) return true;
    const auto as = pii::is_id_name(of.holder) ? pii::meaning::id : pii::meaning::free_text;
    const pii::cleaned_url url = pii::clean_url(of.text);
    const bool clean_parameters =
        std::none_of(url.parameters.begin(), url.parameters.end(),
                     [](const pii::url_parameter& one) { return pii::find(one.value).has_value(); });
    return !pii::find(pii::redact(of.text, as), as) && !pii::find(pii::clean_text(of.text)) &&
           !pii::find(url.host) && !pii::find(url.path) && clean_parameters;
}

void measure(const std::vector<test::labelled_body>& bodies, bool show, test::score& into) {
    for (const test::labelled_body& body : bodies) {
        for (const test::sample& one : body.samples) {
            const auto found = test::verdict(one);
            const bool right = into.add(one, found);
            if (!leaves_nothing(one)) into.add_leak();
            if (!show || (right && leaves_nothing(one))) continue;
            std::cout << body.origin << ' ' << one.path << ": "
                      << (one.what ? pii::name(*one.what) : "harmless") << ", found "
                      << (found ? pii::name(*found) : "nothing") << ": " << one.text << '\n';
        }
    }
}

// [{"payload": …, "found": [["$.path", "kind"], …], "values": [{"holder": …, "text": …, "found": bool}]}]
std::string for_database(const std::vector<test::labelled_body>& bodies) {
    json::writer out;
    out.begin_array();
    for (const test::labelled_body& body : bodies) {
        out.begin_object().key("payload").raw(body.payload).key("found").begin_array();
        for (const test::sample& one : body.samples)
            if (const auto found = test::verdict(one))
                out.begin_array().string(one.path).string(pii::name(*found)).end_array();
        out.end_array().key("values").begin_array();
        for (const test::sample& one : body.samples) {
            if (one.is_name) continue;
            out.begin_object().member("holder", one.holder).member("text", one.text);
            out.key("found").boolean(test::verdict(one) || pii::is_personal_key(one.holder)).end_object();
        }
        out.end_array().end_object();
    }
    return out.end_array().text();
}

int run(const options& given) {
    std::vector<test::labelled_body> written = written_bodies(given.written);
    std::vector<test::labelled_body> generated = generated_bodies(given);
    if (given.print) {
        for (std::uint64_t seed = given.seed; seed < given.seed + given.bodies; ++seed)
            std::cout << test::generate_labelled(seed) << '\n';
        return 0;
    }
    if (given.sql) {
        std::move(generated.begin(), generated.end(), std::back_inserter(written));
        std::cout << for_database(written) << '\n';
        return 0;
    }
    test::score of_written;
    test::score of_generated;
    measure(written, given.show, of_written);
    measure(generated, given.show, of_generated);
    test::score total = of_written;
    total += of_generated;
    std::cout << "seed " << given.seed << ", " << given.bodies << " generated bodies, " << written.size()
              << " written ones\n";
    bool good = of_written.print(std::cout, "written");
    good = of_generated.print(std::cout, "generated") && good;
    good = total.print(std::cout, "together") && good;
    return good ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return run(read_options(count, arguments));
    } catch (const std::exception& failed) {
        std::cerr << "error: " << failed.what() << '\n';
        return 2;
    }
}
