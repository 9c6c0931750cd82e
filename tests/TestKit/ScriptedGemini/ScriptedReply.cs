using System.Text;
using Microsoft.AspNetCore.Http;

namespace GenAI.Chats.TestKit.ScriptedGemini;

/// <summary>What the server answers to one request, step by step. A reply may be given several times, also at once.</summary>
public sealed class ScriptedReply
{
    private readonly List<Func<HttpContext, Task>> _steps = [];

    private ScriptedReply(int status, string contentType)
    {
        Status = status;
        Headers["Content-Type"] = contentType;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The response's headers; a test may add to them.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A whole body at once.</summary>
    public static ScriptedReply Json(string json, int status = StatusCodes.Status200OK) =>
        Body(json, "application/json; charset=UTF-8", status);

    /// <summary>A whole body of any type at once.</summary>
    public static ScriptedReply Body(string body, string contentType, int status) => new ScriptedReply(status, contentType).Write(body);

    /// <summary>A unary answer with one text.</summary>
    public static ScriptedReply Text(string text, string? finishReason = "STOP") => Json(GeminiJson.Text(text, finishReason, (1, 1)));

    /// <summary>An error, in the API's own shape.</summary>
    public static ScriptedReply Error(int code, string status, string message, string? retryDelay = null) =>
        Json(GeminiJson.Error(code, status, message, retryDelay), code);

    /// <summary>The start of a stream; its steps follow.</summary>
    public static ScriptedReply Stream() => new(StatusCodes.Status200OK, "text/event-stream");

    /// <summary>A stream with one chunk for each text, of which the last one has the finish reason.</summary>
    public static ScriptedReply StreamOf(params string[] texts)
    {
        var reply = Stream();
        for (var i = 0; i < texts.Length; i++)
        {
            reply.Event(GeminiJson.Text(texts[i], i == texts.Length - 1 ? "STOP" : null, (1, i + 1)));
        }

        return reply;
    }

    /// <summary>Sends an event, framed as the API frames it.</summary>
    public ScriptedReply Event(string json) => Write($"data: {json}\r\n\r\n");

    /// <summary>Sends text as it is, in one piece.</summary>
    public ScriptedReply Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends bytes as they are, in one piece.</summary>
    public ScriptedReply Write(byte[] bytes) => Do(async context =>
    {
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    });

    /// <summary>Sends the headers, if nothing was sent yet, and waits at a gate.</summary>
    public ScriptedReply WaitFor(Gate gate) => Do(async context =>
    {
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await gate.PassAsync(context.RequestAborted);
    });

    /// <summary>Waits at a gate before anything is sent, not even headers.</summary>
    public ScriptedReply WaitSilentlyFor(Gate gate) => Do(context => gate.PassAsync(context.RequestAborted));

    /// <summary>Never goes on: what follows is for the client to end.</summary>
    public ScriptedReply Hang() => WaitFor(new Gate());

    /// <summary>Cuts the connection.</summary>
    public ScriptedReply Cut() => Do(context =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    /// <summary>Tells the test that a reply has come so far.</summary>
    public ScriptedReply Do(Action step) => Do(_ =>
    {
        step();
        return Task.CompletedTask;
    });

    internal async Task RunAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            context.Response.Headers[name] = value;
        }

        foreach (var step in _steps)
        {
            await step(context);
        }
    }

    private ScriptedReply Do(Func<HttpContext, Task> step)
    {
        _steps.Add(step);
        return this;
    }
}
