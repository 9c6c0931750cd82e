using System.Text.Json;
using GenAI.Chats.TestKit.ScriptedGemini;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.TestKit.Scripted;

/// <summary>
/// A model's API that answers as the test has scripted, over real HTTP on a port of its own, and keeps what it was asked. Any number of
/// conversations may use it at once.
/// </summary>
public abstract class ScriptedServer : IAsyncDisposable
{
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = 1000 };

    private readonly WebApplication _application;
    private readonly Lock _lock = new();
    private readonly List<Rule> _rules = [];
    private readonly List<RecordedRequest> _requests = [];
    private TaskCompletionSource _requestCame = NewSignal();

    /// <summary>A server that is not started yet.</summary>
    protected ScriptedServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    /// <summary>The base URL.</summary>
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

    /// <summary>Starts the server.</summary>
    protected async Task ListenAsync()
    {
        await _application.StartAsync();
        BaseUrl = new Uri(_application.Urls.Single());
    }

    /// <summary>What is answered where nothing is scripted.</summary>
    protected abstract ScriptedReply Unscripted(RecordedRequest request);

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
        GC.SuppressFinalize(this);
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
        using var body = await ReadBodyAsync(context.Request);
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

    // A form, as token servers take it, is recorded as an object.
    private static async Task<JsonDocument> ReadBodyAsync(HttpRequest request)
    {
        if (!request.HasFormContentType)
        {
            return await JsonDocument.ParseAsync(request.Body, JsonOptions, request.HttpContext.RequestAborted);
        }

        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        return JsonSerializer.SerializeToDocument(form.ToDictionary(field => field.Key, field => field.Value.ToString()));
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

        return Unscripted(request);
    }

    private sealed record Rule(Predicate<RecordedRequest> Matches, Func<ScriptedReply?> Next);
}
