using System.Text.Json;
using GenAI.Chats.Api.Web.Json;
using GenAI.Chats.Engine;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Web.Rest;

/// <summary>Reads requests: the body, the parameters and the path of the URL, and the headers. Nothing is ignored, except for headers.</summary>
internal sealed class RestRequests(IOptions<ChatsOptions> options)
{
    // As for gRPC: up to twice the maximum is read, so that the error can name the field.
    private readonly int _maxBytes = (int)Math.Min(int.MaxValue, 2L * options.Value.MaxMessageBytes);

    /// <summary>Reads a request.</summary>
    /// <exception cref="RpcException">The request is invalid.</exception>
    public async Task<IMessage> ReadAsync(HttpContext http, RestRoute route)
    {
        RestTarget.Check(http);
        var request = route.NewRequest();
        ReadParameters(http.Request.Query, route, request);
        if (route.Body.Length == 0)
        {
            RestBody.CheckEmpty(http);
        }
        else
        {
            using var body = await RestBody.ReadAsync(http, route.Rpc.InputType, _maxBytes);
            ReadBody(body, route, request);
        }

        ReadPath(http.Request.RouteValues, route, request);
        RestHeaders.Read(http.Request, request);
        return request;
    }

    private static void ReadParameters(IQueryCollection query, RestRoute route, IMessage request)
    {
        var fields = route.Parameters.ToList();
        var seen = new HashSet<FieldDescriptor>();
        foreach (var (name, values) in query)
        {
            var field = fields.Find(field => field.JsonName == name || field.Name == name)
                ?? throw RpcErrors.Invalid(name, fields.Count == 0
                    ? $"isn't a parameter of {route.Rpc.Name}, which has none"
                    : $"isn't a parameter of {route.Rpc.Name}, which has: {string.Join(", ", fields.Select(static field => field.JsonName))}");
            if (values.Count != 1 || !seen.Add(field))
            {
                throw RpcErrors.Invalid(field.Name, "is set twice");
            }

            if (field.FieldType == FieldType.Message)
            {
                field.Accessor.SetValue(request, MaskOf(values.ToString()));
            }
            else
            {
                ContractReader.ReadText(request, field, values.ToString());
            }
        }
    }

    private static void ReadBody(JsonDocument? body, RestRoute route, IMessage request)
    {
        if (route.Body == RestRoute.WholeBody)
        {
            if (body is not null)
            {
                ContractReader.Read(request, body.RootElement);
            }

            return;
        }

        if (body is null)
        {
            throw RpcErrors.Invalid(route.Body, "is required in the request body");
        }

        var field = route.Rpc.InputType.FindFieldByName(route.Body);
        var message = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        ContractReader.Read(message, body.RootElement, field.Name);
        field.Accessor.SetValue(request, message);
        if (request is UpdateChatRequest { UpdateMask: null } update)
        {
            // Without a mask, the members of the body are changed, null included.
            update.UpdateMask = new FieldMask
            {
                Paths =
                {
                    body.RootElement.EnumerateObject().Select(member => ContractJson.FindField(message.Descriptor, member.Name)!.Name).Where(static name => name != "name"),
                },
            };
        }
    }

    // Names can be in lowerCamelCase or as in the contract.
    private static FieldMask MaskOf(string text) => new()
    {
        Paths =
        {
            text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(static path => ContractJson.FindField(Chat.Descriptor, path)?.Name ?? path),
        },
    };

    private static void ReadPath(RouteValueDictionary values, RestRoute route, IMessage request)
    {
        foreach (var variable in route.Path.Variables)
        {
            var (message, name) = (request, variable.Field);
            if (name.Split('.') is [var outer, var inner])
            {
                (message, name) = ((IMessage)request.Descriptor.FindFieldByName(outer).Accessor.GetValue(request), inner);
            }

            var field = message.Descriptor.FindFieldByName(name);
            var value = $"{variable.Prefix}{values[variable.Parameter]}";
            if (field.Accessor.GetValue(message) is string { Length: > 0 } set && set != value)
            {
                throw RpcErrors.Invalid(variable.Field, "must have the same value in the request body and in the URL");
            }

            field.Accessor.SetValue(message, value);
        }
    }
}
