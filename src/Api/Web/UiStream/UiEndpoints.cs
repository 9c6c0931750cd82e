using System.Text.Json.Nodes;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Api.Web.Access;
using GenAI.Chats.Api.Web.Calls;
using GenAI.Chats.Api.Web.Rest;
using GenAI.Chats.Api.Web.Streams;
using GenAI.Chats.Engine;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>Serves the UI message stream of the AI SDK, which the hook <c>useChat</c> reads.</summary>
internal sealed class UiEndpoints(
    ServiceCalls calls, UiSends sends, UiTurns turns, UiHistory history, OriginRule origins, IOptions<ChatsOptions> options, TimeProvider time, ILogger<UiEndpoints> logger)
{
    /// <summary>The parameter of paths that has the ID of the chat.</summary>
    public const string ChatParameter = "chat";

    /// <summary>The query parameter with the number of turns to list.</summary>
    public const string LimitParameter = "limit";

    /// <summary>The query parameter with the revision of the last turn to list.</summary>
    public const string RevisionParameter = "revision";

    private const string Path = "/api/ui/chat";
    private const string ProtocolHeader = "x-vercel-ai-ui-message-stream";
    private const string Protocol = "v1";
    private const string TurnIdKey = "turn-id";
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    private readonly int _maxBytes = (int)Math.Min(int.MaxValue, 2L * options.Value.MaxMessageBytes);

    /// <summary>Gets the routes.</summary>
    public static IReadOnlyList<UiRoute> Routes { get; } =
    [
        new("UiSend", HttpMethods.Post, Path, static (ui, http) => ui.PostAsync(http)),
        new("UiResume", HttpMethods.Get, $"{Path}/{{{ChatParameter}}}/stream", static (ui, http) => ui.ResumeAsync(http)),
        new("UiStop", HttpMethods.Post, $"{Path}/{{{ChatParameter}}}/stop", static (ui, http) => ui.StopAsync(http)),
        new("UiListMessages", HttpMethods.Get, $"{Path}/{{{ChatParameter}}}/messages", static (ui, http) => ui.ListAsync(http)),
    ];

    /// <summary>Maps the routes, and errors for URLs that aren't routes.</summary>
    public static IEnumerable<IEndpointConventionBuilder> Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var route in Routes)
        {
            yield return endpoints.Map(route.Path, http => http.RequestServices.GetRequiredService<UiEndpoints>().ServeAsync(http, route.Serve))
                .WithMetadata(new HttpMethodMetadata([route.Method], acceptCorsPreflight: true))
                .WithDisplayName($"UI {route.Name}");
        }

        yield return endpoints.Map($"{Path}/{{**path}}", http => HttpErrors.WriteNoRouteAsync(
            http, Routes.Where(route => RestRoute.IsMatch(route.Path, http.Request.Path, out _)).Select(static route => route.Method))).WithOrder(int.MaxValue).WithDisplayName("UI");
    }

    private async Task ServeAsync(HttpContext http, Func<UiEndpoints, HttpContext, Task> serve)
    {
        try
        {
            origins.Check(http.Request);
            RestTarget.Check(http);
            await serve(this, http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nothing can be sent.
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            var error = failure as RpcException;
            if (error is null)
            {
                ErrorLog.CallFailed(logger, http.GetEndpoint()?.DisplayName ?? Path, failure);
                error = RpcErrors.Internal();
            }

            // The page shows the body of a failed request as the error's message.
            await (http.Response.Headers.Remove(ProtocolHeader) ? HttpErrors.WriteTextAsync(http.Response, error) : HttpErrors.WriteAsync(http.Response, error));
        }
    }

    private async Task PostAsync(HttpContext http)
    {
        http.Response.Headers[ProtocolHeader] = Protocol;
        using var body = await RestBody.ReadAsync(http, SendMessageRequest.Descriptor, _maxBytes) ?? throw RpcErrors.Invalid("body", "is required");
        var request = UiRequest.Read(body.RootElement);
        try
        {
            await SendAsync(http, request);
        }
        catch (RpcException missing) when (missing.StatusCode == StatusCode.NotFound && RpcErrors.ReasonOf(missing) == "CHAT_NOT_FOUND" && request is { IsFirst: true, HasOutputs: false })
        {
            // A chat with earlier messages was deleted. It would be another chat without them.
            await sends.CreateAsync(http, request);
            await SendAsync(http, request);
        }
    }

    private async Task SendAsync(HttpContext http, UiRequest request)
    {
        var send = await sends.ToRequestAsync(http, request);
        await StreamAsync(http, async stream =>
        {
            // Responses to function calls continue the message with the calls.
            var call = new WebCall(http, nameof(ChatsService.SendMessageStream), headers => stream.BeginAsync(
                request.HasOutputs ? request.LastId : headers.GetValue(TurnIdKey)!, headers.GetValue(TurnIdKey)!, []));
            await calls.StreamAsync(static service => service.SendMessageStream, send, stream, call);
        });
    }

    private async Task ResumeAsync(HttpContext http)
    {
        http.Response.Headers[ProtocolHeader] = Protocol;
        var name = NameOf(http);
        if (await turns.FindCurrentAsync(http, name) is not { Turn: var turn } current)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var earlier = await turns.FindEarlierAsync(http, name, current);
        await StreamAsync(http, async stream =>
        {
            await stream.BeginAsync(earlier.Count > 0 ? earlier[0].TurnId : turn.TurnId, turn.TurnId, UiTurns.Replay(earlier, current.Message));
            var read = new ReadTurnRequest { Name = name, TurnId = turn.TurnId };
            await calls.StreamAsync(static service => service.ReadTurn, read, stream, new WebCall(http, nameof(ChatsService.ReadTurn)));
        });
    }

    private async Task StreamAsync(HttpContext http, Func<UiTurnStream, Task> write)
    {
        await using var response = new StreamResponse(http, StreamFormat.EventStream, time);
        var stream = new UiTurnStream(response, http.RequestAborted);
        try
        {
            await write(stream);
            await stream.EndAsync();
        }
        catch (RpcException error) when (response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            if (stream.HasEnded)
            {
                // The error is that of the turn, and was sent.
                await stream.EndAsync();
            }
            else if (error.StatusCode == StatusCode.Unavailable)
            {
                // The turn continues. A stream that just ends would be a complete message for the page, which resumes only if the connection breaks.
                http.Abort();
            }
            else
            {
                await stream.EndAsync(error);
            }
        }
    }

    private async Task StopAsync(HttpContext http)
    {
        RestBody.CheckEmpty(http);
        var name = NameOf(http);
        if (await turns.FindActiveAsync(http, name) is { Turn: var turn })
        {
            var cancel = new CancelTurnRequest { Name = name, TurnId = turn.TurnId };
            await calls.CallAsync<CancelTurnRequest, Turn>(static service => service.CancelTurn, cancel, new WebCall(http, nameof(ChatsService.CancelTurn)));
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ListAsync(HttpContext http)
    {
        var name = NameOf(http);
        JsonArray messages;
        try
        {
            messages = await history.ListAsync(http, name, (int)(NumberOf(http, LimitParameter, 1, MaxLimit) ?? DefaultLimit), NumberOf(http, RevisionParameter, 0, long.MaxValue));
        }
        catch (RpcException missing) when (RpcErrors.ReasonOf(missing) == "CHAT_NOT_FOUND")
        {
            // The first message creates the chat.
            messages = [];
        }

        http.Response.ContentType = HttpErrors.ContentType;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        await http.Response.Body.WriteAsync(UiJson.ToBytes(messages), http.RequestAborted);
    }

    private static string NameOf(HttpContext http)
    {
        var id = (string?)http.Request.RouteValues[ChatParameter] ?? "";
        FieldRules.Require(ChatName.IsId(id), "id", ChatName.IdRule);
        return $"chats/{id}";
    }

    private static long? NumberOf(HttpContext http, string name, long min, long max) =>
        http.Request.Query[name].ToString() is not { Length: > 0 } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw RpcErrors.Invalid(name, $"must be a number between {min} and {max}", ("value", text));
}
