using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Tests.Responses;

public sealed class ResponseMergerTests
{
    /// <summary>The parts of each chunk, and the parts of the merged response.</summary>
    public static TheoryData<string[], string> Parts => new()
    {
        { ["""{"text":"a "}""", """{"text":"b"}"""], """{"text":"a b"}""" },
        { ["""{"text":"a"},{"text":"b"}""", """{"text":""},{"text":"c"}"""], """{"text":"abc"}""" },
        { ["""{"text":""}"""], """{"text":""}""" },
        { ["""{"text":""}""", """{"text":"a"}"""], """{"text":"a"}""" },
        { ["""{"text":"t","thought":true}""", """{"text":"u","thought":true}""", """{"text":"a"}""", """{"text":"b"}"""], """{"text":"tu","thought":true},{"text":"ab"}""" },
        { ["""{"text":"a"}""", """{"text":"t","thought":true}""", """{"text":"b"}"""], """{"text":"a"},{"text":"t","thought":true},{"text":"b"}""" },
        { ["""{"text":"a"}""", """{"text":"b","thoughtSignature":"S"}""", """{"text":"c"}"""], """{"text":"a"},{"text":"b","thoughtSignature":"S"},{"text":"c"}""" },
        { ["""{"text":"a","thoughtSignature":"S"}""", """{"text":"b","thoughtSignature":"T"}"""], """{"text":"a","thoughtSignature":"S"},{"text":"b","thoughtSignature":"T"}""" },
        { ["""{"text":"a"}""", """{"text":"","thoughtSignature":"S"}"""], """{"text":"a"},{"text":"","thoughtSignature":"S"}""" },
        { ["""{"text":"a"}""", """{"thoughtSignature":"S"}"""], """{"text":"a"},{"thoughtSignature":"S"}""" },
        { ["""{"text":"a"}""", """{"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":"S"}""", """{"functionCall":{"id":"2","name":"f","args":{}}}""", """{"text":"b"}"""], """{"text":"a"},{"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":"S"},{"functionCall":{"id":"2","name":"f","args":{}}},{"text":"b"}""" },
        { ["""{"text":"a"}""", """{"text":"b","newOne":1}""", """{"text":"c"}"""], """{"text":"a"},{"text":"b","newOne":1},{"text":"c"}""" },
        { ["""{"text":"a"}""", "", """{"text":"b"}"""], """{"text":"ab"}""" },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void Merge_Parts_AreJoinedWhereItIsSafeAndKeepTheirOrder(string[] chunks, string expected) => Check(
        $$$"""{"candidates":[{"content":{"role":"model","parts":[{{{expected}}}]}}]}""",
        [.. chunks.Select(parts => $$$"""{"candidates":[{"content":{"role":"model","parts":[{{{parts}}}]}}]}""")]);

    [Fact]
    public void Merge_FinishReason_TheLastOneThatIsNotEmptyCounts() => Check(
        """{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"finishReason":"STOP","finishMessage":"m"}],"modelVersion":"v"}""",
        """{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"finishReason":"OTHER"}]}""",
        """{"candidates":[{"finishReason":"STOP","finishMessage":"m"}]}""",
        """{"modelVersion":"v"}""",
        """{"candidates":[{"finishReason":""}]}""");

    [Fact]
    public void Merge_Candidates_AreMatchedAndOrderedByIndex() => Check(
        """{"candidates":[{"content":{"parts":[{"text":"ac"}]}},{"content":{"parts":[{"text":"bd"}]},"index":1}]}""",
        """{"candidates":[{"content":{"parts":[{"text":"b"}]},"index":1},{"content":{"parts":[{"text":"a"}]}}]}""",
        """{"candidates":[{"content":{"parts":[{"text":"c"}]}}]}""",
        """{"candidates":[{"content":{"parts":[{"text":"d"}]},"index":1}]}""");

    [Fact]
    public void Merge_CitationsAndExtraMembersGrow_TheRestIsTheLatest() => Check(
        """
        {"candidates":[{"content":{"role":"model","parts":[{"text":"ab"}],"x":1,"y":2},
          "safetyRatings":[{"category":"2"}],"citationMetadata":{"citations":[{"uri":"1"},{"uri":"2"}],"citationSources":[{"uri":"3"}]},
          "groundingMetadata":{"webSearchQueries":["1","2"],"imageSearchQueries":["1"]},"urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"1"}]},
          "logprobsResult":{"logProbabilitySum":-2,"chosenCandidates":[{"token":"t"}]},"avgLogprobs":-2,"tokenCount":2,"n":{"b":2},"m":1}],
         "usageMetadata":{"totalTokenCount":2},"modelVersion":"v","responseId":"2","createTime":"2026-01-02T00:00:00Z","t":2,"u":1}
        """,
        """
        {"candidates":[{"content":{"role":"model","parts":[{"text":"a"}],"x":1},
          "safetyRatings":[{"category":"1"},{"category":"1b"}],"citationMetadata":{"citations":[{"uri":"1"}]},
          "groundingMetadata":{"webSearchQueries":["1"],"imageSearchQueries":["1"]},"urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"1"}]},
          "logprobsResult":{"logProbabilitySum":-1,"chosenCandidates":[{"token":"t"}]},"avgLogprobs":-1,"tokenCount":1,"n":{"a":1},"m":1}],
         "usageMetadata":{"totalTokenCount":1,"promptTokenCount":1},"modelVersion":"v","responseId":"1","createTime":"2026-01-01T00:00:00.5Z","t":1,"u":1}
        """,
        """
        {"candidates":[{"content":{"role":"model","parts":[{"text":"b"}],"y":2},
          "safetyRatings":[{"category":"2"}],"citationMetadata":{"citations":[{"uri":"2"}],"citationSources":[{"uri":"3"}]},
          "groundingMetadata":{"webSearchQueries":["2"]},
          "logprobsResult":{"logProbabilitySum":-2},"avgLogprobs":-2,"tokenCount":2,"n":{"b":2}}],
         "usageMetadata":{"totalTokenCount":2},"responseId":"2","createTime":"2026-01-02T00:00:00Z","t":2}
        """);

    [Fact]
    public void Merge_LogProbabilities_AreThoseOfAllTokens() => Check(
        """
        {"candidates":[{"logprobsResult":{"chosenCandidates":[{"token":"ha","logProbability":-1},{"token":"ha","logProbability":-1},{"token":"!"}],
          "topCandidates":[{"candidates":[{"token":"ha"},{"token":"ho"}]},{"candidates":[{"token":"ha"}]}],"logProbabilitySum":-3}}]}
        """,
        """
        {"candidates":[{"logprobsResult":{"chosenCandidates":[{"token":"ha","logProbability":-1}],
          "topCandidates":[{"candidates":[{"token":"ha"},{"token":"ho"}]}]}}]}
        """,
        """
        {"candidates":[{"logprobsResult":{"chosenCandidates":[{"token":"ha","logProbability":-1},{"token":"!"}],
          "topCandidates":[{"candidates":[{"token":"ha"}]}],"logProbabilitySum":-3}}]}
        """);

    [Fact]
    public void Merge_Grounding_GrowsMemberByMemberWhetherChunksHaveWhatIsNewOrAllSoFar() => Check(
        """
        {"candidates":[{"groundingMetadata":{"webSearchQueries":["a","b"],"groundingChunks":[{"web":{"uri":"1"}},{"web":{"uri":"2"}}],
          "groundingSupports":[{"segment":{"endIndex":1}},{"segment":{"endIndex":2}}],"searchEntryPoint":{"renderedContent":"<p>"},"new":{"y":2}},
          "urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"1"},{"retrievedUrl":"2"}]},
          "citationMetadata":{"citationSources":[{"uri":"1"},{"uri":"2"}]}}]}
        """,
        """
        {"candidates":[{"groundingMetadata":{"webSearchQueries":["a"],"searchEntryPoint":{"renderedContent":"<p>"},"new":{"x":1}},
          "urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"1"}]},"citationMetadata":{"citationSources":[{"uri":"1"}]}}]}
        """,
        """
        {"candidates":[{"groundingMetadata":{"webSearchQueries":["a","b"],"groundingChunks":[{"web":{"uri":"1"}}],"groundingSupports":[{"segment":{"endIndex":1}}]},
          "urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"2"}]},"citationMetadata":{"citationSources":[{"uri":"1"},{"uri":"2"}]}}]}
        """,
        """
        {"candidates":[{"groundingMetadata":{"groundingChunks":[{"web":{"uri":"2"}}],"groundingSupports":[{"segment":{"endIndex":2}}],"new":{"y":2}}}]}
        """,
        """{"candidates":[{"groundingMetadata":{}}]}""");

    [Fact]
    public void Merge_ExtraMembers_KeepTheirNumbers() => Check(
        """{"candidates":[{"content":{"parts":[{"text":"a"}],"n":12345678901234567890,"m":5,"o":1e400},"x":1.0}],"y":2}""",
        """{"candidates":[{"content":{"parts":[{"text":"a"}],"n":12345678901234567890,"m":1e400}}],"y":1e400}""",
        """{"candidates":[{"content":{"m":5,"o":1e400},"x":1.0}],"y":2}""");

    [Fact]
    public void Merge_PromptFeedback_IsKept() => Check(
        """{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}""",
        """{"promptFeedback":{"blockReason":"SAFETY"}}""",
        """{"usageMetadata":{"promptTokenCount":3}}""");

    [Fact]
    public void Merge_CandidateWithoutContent_StaysWithoutContent()
    {
        Check("""{"candidates":[{"finishReason":"SAFETY"}]}""", """{"candidates":[{"finishReason":"SAFETY"}]}""");
        Check("""{"candidates":[{"content":{},"finishReason":"STOP"}]}""", """{"candidates":[{"content":{},"finishReason":"STOP"}]}""");
        Check("{}");
    }

    [Fact]
    public void Add_AfterAResponseWasTaken_LeavesItAndTheChunksAsTheyWere()
    {
        var merger = new ResponseMerger();
        var chunk = Parse("""{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}""");
        var copy = chunk.Clone();
        merger.Add(chunk);
        merger.Add(chunk);
        var taken = merger.ToResponse();
        merger.Add(chunk);

        Assert.Equal("aa", taken.TextOf());
        Assert.Equal("aaa", merger.ToResponse().TextOf());
        Assert.Equal(copy, chunk);
    }

    [Fact]
    public void Merge_VeryManyChunks_TakesTimeInProportion()
    {
        var chunk = Parse("""{"candidates":[{"content":{"parts":[{"text":"0123456789"}]}}]}""");

        var merged = ResponseMerger.Merge(Enumerable.Repeat(chunk, 100_000));

        Assert.Equal(1_000_000, Assert.Single(merged.Candidates[0].Content.Parts).Text.Length);
    }

    private static void Check(string expected, params string[] chunks)
    {
        var merged = Encoding.UTF8.GetString(RestJson.Write(ResponseMerger.Merge(chunks.Select(Parse))));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(merged)), merged);
    }

    private static GenerateContentResponse Parse(string json) => RestJson.Read<GenerateContentResponse>(Encoding.UTF8.GetBytes(json));
}
