using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Web.Calls;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;

namespace GenAI.Chats.Api.Web.Rest;

/// <summary>A route of the REST API: an HTTP rule (google.api.http) for a method of the contract.</summary>
/// <param name="rpc">The name of the method.</param>
/// <param name="httpMethod">The HTTP method.</param>
/// <param name="template">The path, such as <c>/v1/{name=chats/*}</c>.</param>
/// <param name="body">The field that the body contains, <c>*</c> for the request, or empty for none.</param>
internal abstract class RestRoute(string rpc, string httpMethod, string template, string body)
{
    /// <summary>The value of <see cref="Body"/> for the request.</summary>
    public const string WholeBody = "*";

    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Contract = V1.Chats.Descriptor;

    /// <summary>Gets the method of the contract.</summary>
    public MethodDescriptor Rpc { get; } = Contract.FindMethodByName(rpc) ?? throw new ArgumentException($"{rpc} isn't in the contract.", nameof(rpc));

    /// <summary>Gets the HTTP method.</summary>
    public string HttpMethod { get; } = httpMethod;

    /// <summary>Gets the path.</summary>
    public RestPath Path { get; } = new(template);

    /// <summary>Gets the field that the body contains, <c>*</c> for the request, or empty for none.</summary>
    public string Body { get; } = body;

    /// <summary>Gets the scalar fields of the request that are parameters of the URL.</summary>
    public IEnumerable<FieldDescriptor> Parameters => Body == WholeBody
        ? []
        : Rpc.InputType.Fields.InDeclarationOrder().Where(one => one.Name != Body && !Path.Variables.Any(variable => variable.Field == one.Name));

    /// <summary>Indicates whether a path matches a route, whatever the HTTP method.</summary>
    /// <param name="pattern">The route.</param>
    /// <param name="path">The path.</param>
    /// <param name="values">Receives the values of the route's parameters.</param>
    public static bool IsMatch(string pattern, PathString path, out RouteValueDictionary values)
    {
        values = new RouteValueDictionary();
        return new TemplateMatcher(new RouteTemplate(RoutePatternFactory.Parse(pattern)), new RouteValueDictionary()).TryMatch(path, values);
    }

    /// <summary>Creates an empty request.</summary>
    public IMessage NewRequest() => Rpc.InputType.Parser.ParseFrom(ByteString.Empty);
}

/// <summary>A route for a method that returns one message.</summary>
internal abstract class UnaryRoute(string rpc, string httpMethod, string template, string body) : RestRoute(rpc, httpMethod, template, body)
{
    /// <summary>Calls the method.</summary>
    public abstract Task<IMessage> CallAsync(ServiceCalls calls, IMessage request, WebCall call);
}

/// <inheritdoc/>
internal sealed class UnaryRoute<TRequest, TResponse>(
    string rpc, string httpMethod, string template, string body, Func<ChatsService, UnaryServerMethod<TRequest, TResponse>> select)
    : UnaryRoute(rpc, httpMethod, template, body)
    where TRequest : class, IMessage
    where TResponse : class, IMessage
{
    /// <inheritdoc/>
    public override async Task<IMessage> CallAsync(ServiceCalls calls, IMessage request, WebCall call) => await calls.CallAsync(select, (TRequest)request, call);
}

/// <summary>A route for a method that streams events.</summary>
internal abstract class StreamRoute(string rpc, string httpMethod, string template, string body) : RestRoute(rpc, httpMethod, template, body)
{
    /// <summary>Calls the method.</summary>
    public abstract Task StreamAsync(ServiceCalls calls, IMessage request, IServerStreamWriter<byte[]> events, WebCall call);
}

/// <inheritdoc/>
internal sealed class StreamRoute<TRequest>(
    string rpc, string httpMethod, string template, string body, Func<ChatsService, ServerStreamingServerMethod<TRequest, byte[]>> select)
    : StreamRoute(rpc, httpMethod, template, body)
    where TRequest : class, IMessage
{
    /// <inheritdoc/>
    public override Task StreamAsync(ServiceCalls calls, IMessage request, IServerStreamWriter<byte[]> events, WebCall call) =>
        calls.StreamAsync(select, (TRequest)request, events, call);
}
