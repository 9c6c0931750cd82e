using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Otlp;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>A message has one trace, from the caller to the model.</summary>
public sealed class TraceTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string CallerSpan = "b7ad6b7169203331";
    private const string Caller = $"00-{TraceId}-{CallerSpan}-01";

    [Fact]
    public async Task Stream_CallerHasATrace_ContinuesItToTheModel()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync("--Telemetry:PropagateTraceContext=true");
        var chat = await TelemetryScene.NewChatAsync(server);
        scene.Gemini.Enqueue(ScriptedReply.StreamOf("One ", "two."));

        await TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Count." }, Caller);

        var spans = await TraceAsync(scene, "turn", "genai.chats.v1.Chats/SendMessageStream");
        var door = Only(spans, "genai.chats.v1.Chats/SendMessageStream");
        var accept = Only(spans, "ChatGrain/Send");
        var turn = Only(spans, "turn");
        var model = Only(spans, "generate_content gemini-test");
        var http = Only(spans, "POST");
        Assert.Equal(CallerSpan, door.ParentSpanId.Hex());
        Assert.Equal(door.SpanId, accept.ParentSpanId);
        Assert.Equal(accept.SpanId, Only(spans, "store.accept").ParentSpanId);
        Assert.Equal(accept.SpanId, turn.ParentSpanId);
        Assert.Equal(turn.SpanId, Only(spans, "store.end").ParentSpanId);
        Assert.Equal(turn.SpanId, model.ParentSpanId);
        Assert.Equal(model.SpanId, http.ParentSpanId);
        Assert.Equal($"00-{TraceId}-{http.SpanId.Hex()}-01", Assert.Single(scene.Gemini.Requests).Headers["traceparent"]);

        Assert.Equal("genai-chats", scene.Collector.Resources[0].Attributes.Get("service.name"));
        Assert.Equal("OK", door.Attributes.Get("rpc.response.status_code"));
        Assert.Equal("completed", turn.Attributes.Get("chats.turn.outcome"));
        Assert.Equal("chats/" + turn.Attributes.Get("gen_ai.conversation.id"), chat);
        AssertFollowsTheConventions(scene, model);
    }

    [LongFact]
    public async Task Stream_Default_SendsTheModelNoTraceContext()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync();
        var chat = await TelemetryScene.NewChatAsync(server);
        scene.Gemini.Enqueue(ScriptedReply.StreamOf("One."));

        await TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Count." }, Caller);

        var spans = await TraceAsync(scene, "turn", "genai.chats.v1.Chats/SendMessageStream");
        Assert.Equal(Only(spans, "generate_content gemini-test").SpanId, Only(spans, "POST").ParentSpanId);
        var headers = Assert.Single(scene.Gemini.Requests).Headers;
        Assert.DoesNotContain(headers.Keys, key => key.StartsWith("trace", StringComparison.OrdinalIgnoreCase) || key == "baggage");
    }

    [LongFact]
    public async Task Stream_CallerDoesNotSampleItsTrace_NorDoesTheServer()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync();
        var chat = await TelemetryScene.NewChatAsync(server);
        scene.Gemini.Enqueue(ScriptedReply.StreamOf("One."), ScriptedReply.StreamOf("Two."));

        await TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Count." }, $"00-{new string('a', 32)}-{CallerSpan}-00");
        await TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Count." }, Caller);

        await TraceAsync(scene, "turn", "genai.chats.v1.Chats/SendMessageStream");
        var sends = scene.Collector.Spans.Where(one => one.Span.Name is "turn" or "ChatGrain/Send" or "POST" or "store.accept" or "generate_content gemini-test");
        Assert.All(sends, one => Assert.Equal(TraceId, one.Span.TraceId.Hex()));
    }

    [Fact]
    public async Task Stream_QueuedAndRetried_TheTurnHasTheFirstTraceAndTheRetryIsLinked()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync();
        var chat = await TelemetryScene.NewChatAsync(server);
        var gate = new Gate();
        scene.Gemini.Enqueue(ScriptedReply.Stream().WaitFor(gate).Event(GeminiJson.Text("One.", "STOP")), ScriptedReply.StreamOf("Two."));
        var first = TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "First." });
        await scene.Gemini.WaitForRequestAsync(1, TimeLimit.Token);
        var send = new SendMessageRequest { Name = chat, Text = "Second.", RequestId = "second" };
        var second = TelemetryScene.StreamAsync(server, send, Caller);
        await TimeLimit.UntilAsync(
            async () => await server.Client.GetChatAsync(new GetChatRequest { Name = chat }), one => one.QueuedTurns == 1);
        var retry = TelemetryScene.StreamAsync(server, send, $"00-{new string('b', 32)}-{CallerSpan}-01");
        gate.Open();
        await Task.WhenAll(first, second, retry);

        var spans = await TraceAsync(scene, "turn", "genai.chats.v1.Chats/SendMessageStream");
        var accept = Only(spans, "ChatGrain/Send");
        Assert.Equal(accept.SpanId, Only(spans, "turn").ParentSpanId);
        Assert.Equal(accept.SpanId, Only(spans, "turn.recover").ParentSpanId);
        Assert.Equal(Only(spans, "turn.recover").SpanId, Only(spans, "store.start").ParentSpanId);
        var joined = await SpanAsync(scene, span => span.Name == "ChatGrain/Send" && span.TraceId.Hex() == new string('b', 32));
        Assert.Equal((accept.TraceId, accept.SpanId), (Assert.Single(joined.Links).TraceId, joined.Links[0].SpanId));
        Assert.Equal(true, joined.Attributes.Get("chats.turn.joined"));
    }

    [Fact]
    public async Task Stream_ServerIsKilled_TheNextAttemptHasTheSameTrace()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        string[] hasty = ["--Chats:HeartbeatInterval=00:00:00.1", "--Chats:LeaseDuration=00:00:00.5", "--Chats:RecoveryInterval=00:00:00.2"];
        var server = await scene.StartAsync(hasty);
        var chat = await TelemetryScene.NewChatAsync(server);
        scene.Gemini.Enqueue(ScriptedReply.Stream().Hang(), ScriptedReply.StreamOf("One."));
        var send = TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Count." }, Caller);
        await scene.Gemini.WaitForRequestAsync(1, TimeLimit.Token);
        await SpanAsync(scene, span => span.Name == "ChatGrain/Send");
        await server.KillAsync();
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => send);

        await scene.StartAsync(hasty);

        var turn = await SpanAsync(scene, span => span.Name == "turn" && Equals(span.Attributes.Get("chats.turn.attempt"), 2L));
        var accept = await SpanAsync(scene, span => span.Name == "ChatGrain/Send");
        Assert.Equal((accept.TraceId, accept.SpanId), (turn.TraceId, turn.ParentSpanId));
    }

    private static void AssertFollowsTheConventions(TelemetryScene scene, OtlpSpan model)
    {
        const int Client = 3;
        Assert.Equal(Client, model.Kind);
        Assert.Equal("generate_content", model.Attributes.Get("gen_ai.operation.name"));
        Assert.Equal("gcp.gemini", model.Attributes.Get("gen_ai.provider.name"));
        Assert.Equal(TelemetryScene.Model, model.Attributes.Get("gen_ai.request.model"));
        Assert.Equal(true, model.Attributes.Get("gen_ai.request.stream"));
        Assert.Equal(new object[] { "STOP" }, model.Attributes.Get("gen_ai.response.finish_reasons"));
        Assert.Equal(1L, model.Attributes.Get("gen_ai.usage.input_tokens"));
        Assert.Equal(2L, model.Attributes.Get("gen_ai.usage.output_tokens"));
        Assert.Equal(scene.Gemini.BaseUrl.Host, model.Attributes.Get("server.address"));
        Assert.Equal((long)scene.Gemini.BaseUrl.Port, model.Attributes.Get("server.port"));
        Assert.IsType<double>(model.Attributes.Get("gen_ai.response.time_to_first_chunk"));
    }

    // A trace is complete when its last spans have arrived.
    private static Task<List<OtlpSpan>> TraceAsync(TelemetryScene scene, params string[] last) => scene.Collector.UntilAsync(
        collector =>
        {
            var spans = collector.Spans.Select(one => one.Span).Where(span => span.TraceId.Hex() == TraceId).ToList();
            return last.All(name => spans.Any(span => span.Name == name)) ? spans : null;
        },
        TimeLimit.Token);

    private static Task<OtlpSpan> SpanAsync(TelemetryScene scene, Predicate<OtlpSpan> isIt) =>
        scene.Collector.UntilAsync(collector => collector.Spans.Select(one => one.Span).FirstOrDefault(span => isIt(span)), TimeLimit.Token);

    private static OtlpSpan Only(IEnumerable<OtlpSpan> spans, string name) => Assert.Single(spans, span => span.Name == name);
}
