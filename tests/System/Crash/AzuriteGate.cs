using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>Stands between servers and Azurite, and can hold their writes up. A held write whose server is gone is never done.</summary>
internal sealed class AzuriteGate : IAsyncDisposable
{
    private readonly HttpClient _azurite;
    private readonly WebApplication _application;
    private volatile TaskCompletionSource? _held;

    private AzuriteGate(Uri azurite)
    {
        _azurite = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = azurite };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _application = builder.Build();
        _application.Run(ForwardAsync);
    }

    public Uri Address => new(_application.Urls.Single());

    public static async Task<AzuriteGate> OpenAsync(Uri azurite)
    {
        var gate = new AzuriteGate(azurite);
        await gate._application.StartAsync();
        return gate;
    }

    /// <summary>Holds writes up until it is disposed of.</summary>
    public IAsyncDisposable Hold()
    {
        _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new Holder(this);
    }

    public async ValueTask DisposeAsync()
    {
        _held?.TrySetResult();
        await _application.DisposeAsync();
        _azurite.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        try
        {
            var body = new MemoryStream();
            await request.Body.CopyToAsync(body, context.RequestAborted);
            if (request.Method is "PUT" or "DELETE" && _held is { } held)
            {
                await held.Task.WaitAsync(context.RequestAborted);
            }

            // As it came, as its path is signed.
            var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            using var forward = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_azurite.BaseAddress!, target));
            body.Position = 0;
            forward.Content = new StreamContent(body);
            foreach (var (name, values) in request.Headers)
            {
                if (!forward.Headers.TryAddWithoutValidation(name, [.. values]))
                {
                    forward.Content.Headers.TryAddWithoutValidation(name, [.. values]);
                }
            }

            // To its end, even when whoever asked is gone: Azurite may fail all that comes after a connection that breaks in the middle of a request.
            using var answer = await _azurite.SendAsync(forward, CancellationToken.None);
            response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
            {
                response.Headers[name] = values.ToArray();
            }

            response.Headers.Remove("Transfer-Encoding");
            await answer.Content.CopyToAsync(response.Body, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private sealed class Holder(AzuriteGate gate) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Interlocked.Exchange(ref gate._held, null)?.SetResult();
            return ValueTask.CompletedTask;
        }
    }
}
