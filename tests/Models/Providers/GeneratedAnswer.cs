using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>
/// An answer made at random, whole and as a stream: its texts and arguments cut anywhere, its calls mixed with each other, with what servers
/// repeat, and with members and lines that nobody knows.
/// </summary>
internal sealed class GeneratedAnswer
{
    private static readonly string[] Words = ["a", " ", "é", "日本", "😀", "👩‍🚀", "\"", "\\", "\n", "{", "}", "[", "<b>", "data: ", "\u0001"];
    private static readonly string[] Names = ["town", "clock", "get_weather"];

    private readonly Random _random;
    private readonly string _thought;
    private readonly string _text;
    private readonly string _note;
    private readonly List<(string? Id, string Name, string Arguments, string? Extra)> _calls = [];

    public GeneratedAnswer(int seed)
    {
        _random = new Random(seed);
        _thought = Text(4);
        // An answer of nothing is asked for again.
        _text = Text(8) + "x";
        _note = Text(3);
        var haveIds = _random.Next(3) > 0;
        for (var i = _random.Next(4); i > 0; i--)
        {
            _calls.Add((haveIds ? $"id-{i}" : null, Names[_random.Next(Names.Length)], Json(AnyObject(0)), _random.Next(2) == 0 ? Text(2) + "x" : null));
        }
    }

    /// <summary>Whether a piece of arguments comes twice, which no one can tell from one that says the same again.</summary>
    public bool IsSpoiled { get; private set; }

    /// <summary>OpenAI's completion.</summary>
    public string Completion()
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = _text };
        if (_thought.Length > 0)
        {
            message["reasoning_content"] = _thought;
        }

        if (_note.Length > 0)
        {
            message["note"] = _note;
            message["details"] = new JsonArray(new JsonObject { ["index"] = 0, ["type"] = "t", ["text"] = _note });
        }

        if (_calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. _calls.Select(call => Call(call.Id, call.Name, call.Arguments, call.Extra))]);
        }

        return Json(new JsonObject
        {
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = "stop" }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 1, ["completion_tokens"] = 2, ["total_tokens"] = 3 },
        });
    }

    /// <summary>The same as a stream.</summary>
    public byte[] Chunks()
    {
        var events = new List<string> { Chunk("""{"role":"assistant","content":""}""") };
        events.AddRange(Pieces(_thought).Select(piece => Chunk($$"""{"reasoning_content":{{piece}}}""")));
        events.AddRange(Pieces(_text).Select(piece => Chunk($$"""{"content":{{piece}}}""")));
        events.AddRange(Whole(_note).Select(piece => Chunk($$"""{"note":{{piece}},"details":[{"index":0,"type":"t","text":{{piece}}}]}""")));
        events.AddRange(CallDeltas().Select(delta => Chunk($$"""{"tool_calls":{{delta}}}""")));
        for (var i = 1 + _random.Next(2); i > 0; i--)
        {
            events.Add("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        }

        events.Add("""{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""");
        return Sse(events.Append("[DONE]"));
    }

    /// <summary>Gemini's response.</summary>
    public string Response()
    {
        var parts = new JsonArray();
        if (_thought.Length > 0)
        {
            parts.Add(new JsonObject { ["text"] = _thought, ["thought"] = true });
        }

        parts.Add(new JsonObject { ["text"] = _text });

        foreach (var (id, name, arguments, extra) in _calls)
        {
            parts.Add(JsonNode.Parse(Part(id, name, arguments, extra)));
        }

        var tokens = Enumerable.Range(0, 3).Select(_ => """{"token":"t"}""");
        return $$$"""
            {"candidates":[{"content":{"role":"model","parts":{{{Json(parts)}}}},"finishReason":"STOP","newOne":true,
              "logprobsResult":{"chosenCandidates":[{{{string.Join(',', tokens)}}}]},
              "groundingMetadata":{"webSearchQueries":["a","b"],"groundingChunks":[{"web":{"uri":"1"}}]}}],
             "usageMetadata":{"totalTokenCount":3},"newTop":[1]}
            """;
    }

    /// <summary>The same as a stream.</summary>
    public byte[] Responses()
    {
        var parts = Pieces(_thought).Select(piece => $$"""{"text":{{piece}},"thought":true}""")
            .Concat(Pieces(_text).Select(piece => $$"""{"text":{{piece}}}"""))
            .Concat(_calls.Select(call => Part(call.Id, call.Name, call.Arguments, call.Extra)));
        var events = parts.Select(part => $$$"""{"candidates":[{"content":{"role":"model","parts":[{{{part}}}]},"newOne":true}],"newTop":[1],"usageMetadata":{"totalTokenCount":1}}""").ToList();
        string[] more =
        [
            """{"candidates":[{"logprobsResult":{"chosenCandidates":[{"token":"t"}]},"groundingMetadata":{"webSearchQueries":["a"]}}]}""",
            """{"candidates":[{"logprobsResult":{"chosenCandidates":[{"token":"t"},{"token":"t"}]},"groundingMetadata":{"webSearchQueries":["a","b"]}}]}""",
            """{"candidates":[{"groundingMetadata":{"groundingChunks":[{"web":{"uri":"1"}}]},"newOne":true}],"newTop":[1]}""",
        ];
        foreach (var (place, item) in more.Select(item => (_random.Next(events.Count + 1), item)).OrderBy(each => each.Item1).Index().Select(each => (each.Item.Item1 + each.Index, each.Item.item)))
        {
            events.Insert(place, item);
        }

        for (var i = 1 + _random.Next(2); i > 0; i--)
        {
            events.Add("""{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"totalTokenCount":3}}""");
        }

        return Sse(events);
    }

    /// <summary>The contents of a client's message.</summary>
    public List<AIContent> Contents() =>
    [
        .. _thought.Length > 0 ? [new TextReasoningContent(_thought)] : (AIContent[])[],
        new TextContent(_text),
        .. _calls.Select(Content),
    ];

    /// <summary>The same as updates.</summary>
    public List<ChatResponseUpdate> Updates()
    {
        var contents = Cut(_thought).Select(AIContent (piece) => new TextReasoningContent(piece))
            .Concat(Cut(_text).Select(piece => new TextContent(piece))).Concat(_calls.Select(Content));
        return [.. contents.SelectMany(content => _random.Next(4) == 0
            ? [new ChatResponseUpdate(), new ChatResponseUpdate(ChatRole.Assistant, [content, new AIContent()])]
            : (ChatResponseUpdate[])[new ChatResponseUpdate(ChatRole.Assistant, [content])])];
    }

    private static AIContent Content((string? Id, string Name, string Arguments, string? Extra) call) =>
        new FunctionCallContent(call.Id ?? "", call.Name, JsonSerializer.Deserialize<Dictionary<string, object?>>(call.Arguments));

    private static string Part(string? id, string name, string arguments, string? extra) =>
        $$$"""{"functionCall":{"name":"{{{name}}}","args":{{{arguments}}}{{{(id is null ? "" : $",\"id\":\"{id}\"")}}}}{{{(extra is null ? "" : $",\"newKind\":{Quote(extra)}")}}}}""";

    private static JsonObject Call(string? id, string name, string arguments, string? extra)
    {
        var call = new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments } };
        if (id is not null)
        {
            call["id"] = id;
        }

        if (extra is not null)
        {
            call["extra_content"] = new JsonObject { ["signature"] = extra };
        }

        return call;
    }

    // The pieces of each call in their order, those of several calls mixed.
    private IEnumerable<string> CallDeltas()
    {
        var sameIndex = _calls.All(call => call.Id is not null) && _random.Next(3) == 0;
        var repeatsName = _random.Next(3) == 0;
        var queues = _calls.Select((call, i) => new Queue<string>(DeltasOf(call, sameIndex ? 0 : i, sameIndex || _random.Next(3) == 0, repeatsName))).ToList();
        while (queues.Exists(queue => queue.Count > 0))
        {
            var ready = queues.Where(queue => queue.Count > 0).ToList();
            var next = ready[sameIndex ? 0 : _random.Next(ready.Count)];
            var delta = next.Dequeue();
            yield return $"[{delta}]";
        }
    }

    private IEnumerable<string> DeltasOf((string? Id, string Name, string Arguments, string? Extra) call, int index, bool repeatsId, bool repeatsName)
    {
        var id = call.Id is null ? "" : $"\"id\":\"{call.Id}\",";
        var extra = call.Extra is null ? "" : $",\"extra_content\":{{\"signature\":{Quote(call.Extra)}}}";
        var pieces = Pieces(call.Arguments).ToList();
        var spoiled = _random.Next(40) == 0 ? _random.Next(pieces.Count) : -1;
        for (var i = 0; i < pieces.Count; i++)
        {
            var name = i == 0 || repeatsName ? $"\"name\":\"{call.Name}\"," : "";
            var delta = $"{{\"index\":{index},{(i == 0 || repeatsId ? id : "")}\"type\":\"function\",\"function\":{{{name}\"arguments\":{pieces[i]}}}{(i == 0 || repeatsName ? extra : "")}}}";
            yield return delta;
            if (i == spoiled)
            {
                IsSpoiled = true;
                yield return delta;
            }
        }

        if (call.Id is not null && _random.Next(4) == 0)
        {
            yield return $"{{\"index\":{index},{id}\"function\":{{\"name\":\"{call.Name}\",\"arguments\":{Quote(call.Arguments)}}}}}";
        }
    }

    private string Chunk(string delta) => _random.Next(4) > 0
        ? $$$"""{"choices":[{"index":0,"delta":{{{delta}}},"finish_reason":null}]}"""
        : $$$"""{"new":{"x":[1]},"choices":[{"index":0,"delta":{{{delta}}},"finish_reason":null,"new":1,"logprobs":null}],"usage":null}""";

    private byte[] Sse(IEnumerable<string> events)
    {
        var end = _random.Next(3) switch { 0 => "\n", 1 => "\r\n", _ => "\r" };
        var text = new StringBuilder();
        foreach (var json in events)
        {
            text.Append(_random.Next(6) switch
            {
                0 => $": ping{end}{end}",
                1 => $"event: x{end}id: 1{end}",
                2 => $"{end}{end}",
                _ => "",
            });
            text.Append(_random.Next(2) == 0 ? "data:" : "data: ").Append(json).Append(end).Append(end);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    // At least one, as JSON; a character may be cut in two.
    private IEnumerable<string> Pieces(string text) => Cut(text).Select(Quote);

    // Members that nobody knows are not known to be texts in pieces of characters.
    private IEnumerable<string> Whole(string text)
    {
        if (text.Length > 0)
        {
            var middle = _random.Next(text.Length);
            middle += middle > 0 && char.IsLowSurrogate(text[middle]) ? 1 : 0;
            return new[] { text[..middle], text[middle..] }.Where(piece => piece.Length > 0).Select(Quote);
        }

        return [];
    }

    private IEnumerable<string> Cut(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = Math.Min(text.Length - start, 1 + _random.Next(_random.Next(3) == 0 ? 2 : 12));
            yield return text.Substring(start, length);
            start += length;
        }
    }

    // As JavaScript writes it: half of a character as its escape.
    private static string Quote(string text)
    {
        var json = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            json.Append(text[i] switch
            {
                '"' or '\\' => $"\\{text[i]}",
                < ' ' => $"\\u{(int)text[i]:x4}",
                var half when char.IsSurrogate(half) && !isPair => $"\\u{(int)half:x4}",
                _ => isPair ? text.Substring(i++, 2) : $"{text[i]}",
            });
        }

        return json.Append('"').ToString();
    }

    private string Text(int words) => string.Concat(Enumerable.Range(0, _random.Next(words + 1)).Select(_ => Words[_random.Next(Words.Length)]));

    private JsonObject AnyObject(int level)
    {
        var json = new JsonObject();
        for (var i = _random.Next(3); i > 0; i--)
        {
            json[$"{Text(2)}{i}"] = _random.Next(level > 2 ? 4 : 6) switch
            {
                0 => null,
                1 => Text(4),
                2 => _random.Next(1000),
                3 => true,
                4 => new JsonArray(Text(1), _random.Next(10)),
                _ => AnyObject(level + 1),
            };
        }

        return json;
    }

    private static string Json(JsonNode node) => node.ToJsonString(Models.Json.JsonBody.WriterOptions);
}
