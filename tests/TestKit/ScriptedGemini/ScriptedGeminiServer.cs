using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.TestKit.ScriptedGemini;

/// <summary>
/// A Gemini API that answers as the test has scripted, over real HTTP on a port of its own, and keeps what it was asked. Any number of
/// conversations may use it at once.
/// </summary>
public sealed class ScriptedGeminiServer : IAsyncDisposable
{
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = 1000 };

    private readonly WebApplication _application;
    private readonly Lock _lock = new();
    private readonly List<Rule> _rules = [];
    private readonly List<RecordedRequest> _requests = [];
    private TaskCompletionSource _requestCame = NewSignal();

    private ScriptedGeminiServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    /// <summary>The base URL, as GOOGLE_GEMINI_BASE_URL takes it.</summary>
    public Uri BaseUrl { get; private set; } = null!;

    /// <summary>The requests so far, in order of arrival.</summary>
    public IReadOnlyList<RecordedRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Starts a server.</summary>
    public static async Task<ScriptedGeminiServer> StartAsync()
    {
        var server = new ScriptedGeminiServer();
        await server._application.StartAsync();
        server.BaseUrl = new Uri(server._application.Urls.Single());
        return server;
    }

    /// <summary>Answers the next requests with these replies, one each.</summary>
    public void Enqueue(params ScriptedReply[] replies) => EnqueueFor(_ => true, replies);

    /// <summary>
    /// Answers the next requests that match with these replies, one each. Of several rules that match, the oldest with replies left counts.
    /// </summary>
    public void EnqueueFor(Predicate<RecordedRequest> matches, params ScriptedReply[] replies)
    {
        var left = new Queue<ScriptedReply>(replies);
        Add(new Rule(matches, () => left.TryDequeue(out var reply) ? reply : null));
    }

    /// <summary>Answers every request that matches, and that no older rule answers.</summary>
    public void Always(Predicate<RecordedRequest> matches, ScriptedReply reply) => Add(new Rule(matches, () => reply));

    /// <summary>Waits until this many requests have come, and returns the last of them.</summary>
    /// <param name="count">Counted from 1, since the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RecordedRequest> WaitForRequestAsync(int count, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task came;
            lock (_lock)
            {
                if (_requests.Count >= count)
                {
                    return _requests[count - 1];
                }

                came = _requestCame.Task;
            }

            await came.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Replies that hang are cut off.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(Rule rule)
    {
        lock (_lock)
        {
            _rules.Add(rule);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, JsonOptions, context.RequestAborted);
        var headers = context.Request.Headers
            .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new RecordedRequest(context.Request.Path + context.Request.QueryString, headers, body.RootElement.Clone());
        var reply = Record(request);
        using var closing = context.RequestAborted.UnsafeRegister(static closed => ((RecordedRequest)closed!).SetClosed(), request);
        try
        {
            await reply.RunAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away, or the server stops. The step that was waiting may hear of it first, and end the registration.
            request.SetClosed();
        }
        finally
        {
            request.SetEnded();
        }
    }

    private ScriptedReply Record(RecordedRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
            _requestCame.SetResult();
            _requestCame = NewSignal();
            foreach (var rule in _rules)
            {
                if (rule.Matches(request) && rule.Next() is { } reply)
                {
                    return reply;
                }
            }
        }

        return ScriptedReply.Error(500, "INTERNAL", $"No reply is scripted for '{request.LastText}'.");
    }

    private sealed record Rule(Predicate<RecordedRequest> Matches, Func<ScriptedReply?> Next);
}
