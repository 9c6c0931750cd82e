using GenAI.Chats.Engine.History;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests;

public sealed class CurationTests
{
    /// <summary>
    /// Each letter is a content: u a user's, e a user's without parts, m a valid one of the model, x one of the model without parts, y one of the
    /// model of which a part is empty. The second is what curated history has.
    /// </summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("mu", "mu")]
    [InlineData("xu", "u")]
    [InlineData("uu", "uu")]
    [InlineData("ueu", "ueu")]
    [InlineData("mm", "mm")]
    [InlineData("m", "m")]
    [InlineData("x", "")]
    [InlineData("mxm", "")]
    [InlineData("umu", "umu")]
    [InlineData("ummm", "ummm")]
    [InlineData("ummux", "umm")]
    [InlineData("umux", "um")]
    [InlineData("uux", "u")]
    [InlineData("uy", "")]
    [InlineData("umxum", "um")]
    [InlineData("umuxum", "umum")]
    [InlineData("uxumux", "um")]
    [InlineData("uxu", "u")]
    [InlineData("xxuux", "u")]
    [InlineData("u", "u")]
    [InlineData("e", "e")]
    public void Uncurated_History_LeavesWhatTheSdkLeaves(string history, string curated)
    {
        var contents = history.Select(Content).ToList();

        var left = Curation.Uncurated(contents, out var open);

        Assert.Equal(curated, string.Concat(history.Where((_, i) => !left.Contains(i))));
        Assert.Equal(history.Length, open);
    }

    /// <summary>
    /// The same letters; a, b and c are calls of the model, A, B and C the user's responses to them, t a text of the user and a
    /// response to a. A stroke stands where an open exchange begins.
    /// </summary>
    [Theory]
    [InlineData("uaAm", "uaAm")]
    [InlineData("uaAmuaAm", "uaAmuaAm")]
    [InlineData("uaAbBm", "uaAbBm")]
    [InlineData("uabABm", "uabABm")]
    [InlineData("uabBAm", "uabBAm")]
    [InlineData("uamAm", "uamAm")]
    [InlineData("uatm", "uatm")]
    [InlineData("uaA", "uaA")]
    [InlineData("uaAum", "uaAum")]
    [InlineData("um uaum", "umum")]
    [InlineData("um uaAbum", "umum")]
    [InlineData("umAm", "")]
    [InlineData("uumAm", "u")]
    [InlineData("uaBm", "")]
    [InlineData("uaABm", "")]
    [InlineData("uaAAm", "")]
    [InlineData("uabAm", "")]
    [InlineData("uabAuBm", "")]
    [InlineData("uaAx", "")]
    [InlineData("uxaAm", "")]
    [InlineData("umuaAx", "um")]
    [InlineData("uumuaAxum", "uumum")]
    [InlineData("Aum", "um")]
    [InlineData("aAm", "aAm")]
    [InlineData("ua", "|ua")]
    [InlineData("umua", "um|ua")]
    [InlineData("uuaAb", "u|uaAb")]
    [InlineData("uabA", "|uabA")]
    [InlineData("a", "|a")]
    [InlineData("uauua", "u|ua")]
    [InlineData("umuax", "um")]
    public void Uncurated_FunctionCalls_LeavesExchangesThatAreNotWhole(string history, string curated)
    {
        history = history.Replace(" ", "", StringComparison.Ordinal);
        var contents = history.Select(Content).ToList();

        var left = Curation.Uncurated(contents, out var open);

        Assert.Equal(curated, string.Concat(history.Select((c, i) => (i == open ? "|" : "") + (left.Contains(i) ? "" : $"{c}"))));
    }

    public static TheoryData<string, bool> Parts => new()
    {
        { "{ }", false },
        { """{ "parts": [] }""", false },
        { """{ "parts": [{ }] }""", false },
        { """{ "parts": [{ "text": "a" }, { }] }""", false },
        { """{ "parts": [{ "text": "" }] }""", true },
        { """{ "parts": [{ "text": "", "thought": true }, { "text": "a" }] }""", true },
        { """{ "parts": [{ "text": "a" }] }""", true },
        { """{ "parts": [{ "thoughtSignature": "c2ln" }] }""", true },
        { """{ "parts": [{ "thought": true }] }""", true },
        { """{ "parts": [{ "functionCall": { "name": "f" } }] }""", true },
        { """{ "parts": [{ "toolCall": { "toolType": "URL_CONTEXT" } }] }""", true },
        { """{ "parts": [{ "extra": { "later": 1 } }] }""", true },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void IsValid_Content_AsTheSdkSays(string json, bool valid) => Assert.Equal(valid, Curation.IsValid(V1.Content.Parser.ParseJson(json)));

    private static Content Content(char kind) => kind switch
    {
        'u' => new Content { Role = "user", Parts = { new Part { Text = "u" } } },
        'e' => new Content { Role = "user" },
        'm' => new Content { Role = "model", Parts = { new Part { Text = "m" } } },
        'x' => new Content { Role = "model" },
        'a' or 'b' or 'c' => new Content { Role = "model", Parts = { new Part { FunctionCall = new FunctionCall { Name = $"{kind}" } } } },
        'A' or 'B' or 'C' => new Content { Role = "user", Parts = { Response(kind) } },
        't' => new Content { Role = "user", Parts = { new Part { Text = "t" }, Response('A') } },
        _ => new Content { Role = "model", Parts = { new Part { Text = "y" }, new Part() } },
    };

    private static Part Response(char kind) => new() { FunctionResponse = new FunctionResponse { Name = $"{char.ToLowerInvariant(kind)}" } };
}
