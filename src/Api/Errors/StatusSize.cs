using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using RpcStatus = Google.Rpc.Status;

namespace GenAI.Chats.Api.Errors;

/// <summary>
/// Keeps statuses small enough for proxies. A status is sent in headers, and nginx, for example, accepts at most 4 KiB of them by default, after the message is
/// percent-encoded, and the details are encoded in base64.
/// </summary>
internal static class StatusSize
{
    /// <summary>The maximum length of the percent-encoded message.</summary>
    public const int MaxMessageLength = 1024;

    // 2,400 characters in base64. The rest is for the other headers.
    private const int MaxDetailBytes = 1800;
    private const int MinTextBytes = 16;

    /// <summary>
    /// Cuts texts in the details until they fit. Repeated texts are shortened first, and the message last: it's complete there, even if it had to be cut for the header.
    /// </summary>
    public static RpcStatus Fit(RpcStatus status, IReadOnlyList<IMessage> details)
    {
        Pack(status, details);
        for (var max = Text.MaxValueBytes; status.CalculateSize() > MaxDetailBytes && max >= MinTextBytes; max /= 2)
        {
            foreach (var detail in details)
            {
                Cut(detail, max);
            }

            Pack(status, details);
        }

        if (status.CalculateSize() > MaxDetailBytes)
        {
            status.Message = Text.Cut(status.Message, Text.MaxValueBytes);
        }

        return status;
    }

    private static void Pack(RpcStatus status, IEnumerable<IMessage> details)
    {
        status.Details.Clear();
        status.Details.Add(details.Select(Any.Pack));
    }

    private static void Cut(IMessage message, int maxBytes)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            switch (field.Accessor.GetValue(message))
            {
                case System.Collections.IDictionary map:
                    foreach (var key in map.Keys.Cast<string>().ToList())
                    {
                        map[key] = Text.Cut((string)map[key]!, maxBytes);
                    }

                    break;
                case System.Collections.IEnumerable items and not string:
                    foreach (var item in items.OfType<IMessage>())
                    {
                        Cut(item, maxBytes);
                    }

                    break;
                case string { Length: > 0 } text when field.FieldType == FieldType.String:
                    field.Accessor.SetValue(message, Text.Cut(text, maxBytes));
                    break;
            }
        }
    }
}
