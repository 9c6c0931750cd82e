using GenAI.Chats.Api.Web.Access;
using GenAI.Chats.Api.Web.Calls;
using GenAI.Chats.Api.Web.Json;
using GenAI.Chats.Api.Web.Streams;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Web.Rest;

/// <summary>Serves the REST API.</summary>
internal sealed class RestEndpoints(ServiceCalls calls, RestRequests requests, OriginRule origins, TimeProvider time, ILogger<RestEndpoints> logger)
{
    private const string AnyPath = "/v1/{**path}";

    /// <summary>Maps the routes, and errors for URLs that aren't routes.</summary>
    public static IEnumerable<IEndpointConventionBuilder> Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var route in RestRoutes.All)
        {
            yield return endpoints.Map(route.Path.Pattern, http => http.RequestServices.GetRequiredService<RestEndpoints>().ServeAsync(http, route))
                .WithMetadata(new HttpMethodMetadata([route.HttpMethod], acceptCorsPreflight: true))
                .WithDisplayName($"REST {route.Rpc.Name}");
        }

        yield return endpoints.Map(AnyPath, NotFoundAsync).WithOrder(int.MaxValue).WithDisplayName("REST");
    }

    private async Task ServeAsync(HttpContext http, RestRoute route)
    {
        try
        {
            origins.Check(http.Request);
            if (IsOtherVerb(http.Request.RouteValues))
            {
                await NotFoundAsync(http);
                return;
            }

            var request = await requests.ReadAsync(http, route);
            await (route switch
            {
                UnaryRoute unary => CallAsync(http, unary, request),
                StreamRoute stream => StreamAsync(http, stream, request),
                _ => throw new InvalidOperationException($"{route.Rpc.Name} has an unknown type."),
            });
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
                ErrorLog.CallFailed(logger, route.Rpc.FullName, failure);
                error = RpcErrors.Internal();
            }

            var isCondition = error.StatusCode == StatusCode.Aborted && RestHeaders.HasCondition(http.Request);
            await HttpErrors.WriteAsync(http.Response, error, isCondition ? StatusCodes.Status412PreconditionFailed : null);
        }
    }

    private async Task CallAsync(HttpContext http, UnaryRoute route, IMessage request)
    {
        var response = await route.CallAsync(calls, request, new WebCall(http, route.Rpc.Name));
        if (response is Chat chat)
        {
            http.Response.Headers.ETag = RestHeaders.TagOf(chat);
        }

        var body = ContractWriter.ToBytes(response);
        http.Response.ContentType = HttpErrors.ContentType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers[HeaderNames.CacheControl] = "no-store";
        http.Response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private async Task StreamAsync(HttpContext http, StreamRoute route, IMessage request)
    {
        var format = AcceptsLines(http.Request) ? StreamFormat.Lines : StreamFormat.EventStream;
        await using var response = new StreamResponse(http, format, time);
        var events = new RestEvents(request is WatchChatRequest, request is SendMessageRequest ? RestHeaders.OffsetOf(http.Request) : 0);
        var call = new WebCall(http, route.Rpc.Name, headers => response.StartAsync(headers.Select(static entry => (entry.Key, entry.Value))));
        try
        {
            await route.StreamAsync(calls, request, new EventWriter(response, events.Convert), call);
        }
        catch (RpcException error) when (!http.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(http, response, events, error, format);
            return;
        }

        await response.DisposeAsync();
        if (!response.HasStarted)
        {
            // The client has all events. A browser doesn't reconnect then.
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private static async Task FailAsync(HttpContext http, StreamResponse response, RestEvents events, RpcException error, StreamFormat format)
    {
        if (response.HasStarted)
        {
            // The last event contains the error of its turn. If the server stops, the client resumes when the stream ends.
            if (!events.HasEnded && !RpcErrors.IsStopping(error))
            {
                try
                {
                    await response.WriteAsync(new ServerSentEvent(null, "error", HttpErrors.Json(error)), flush: true, http.RequestAborted);
                }
                catch (Exception gone) when (gone is IOException or InvalidOperationException or OperationCanceledException)
                {
                    // The client has disconnected.
                }
            }

            return;
        }

        await response.DisposeAsync();
        if (response.HasStarted)
        {
            return;
        }

        if (error.StatusCode == StatusCode.Unavailable && format == StreamFormat.EventStream && IsEventSource(http.Request))
        {
            // With any other status, a browser doesn't reconnect.
            await http.Response.WriteEmptyStreamAsync(HttpErrors.RetryDelay(error));
            return;
        }

        throw error;
    }

    private static bool AcceptsLines(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(static type => type.MediaType.Equals(StreamFrames.Lines, StringComparison.OrdinalIgnoreCase));

    private static bool IsEventSource(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Headers.Accept == StreamFrames.EventStream;

    private static Task NotFoundAsync(HttpContext http) => HttpErrors.WriteNoRouteAsync(
        http,
        RestRoutes.All.Where(route => RestRoute.IsMatch(route.Path.Pattern, http.Request.Path, out var values) && !IsOtherVerb(values)).Select(static route => route.HttpMethod));

    // No ID contains a colon: it's the beginning of a verb that the route doesn't have.
    private static bool IsOtherVerb(RouteValueDictionary values) => values.Values.Any(static value => value is string text && text.Contains(':', StringComparison.Ordinal));
}
