using System.Collections;
using System.Runtime.CompilerServices;

namespace GenAI.Chats.Client;

/// <summary>
/// A user's message. A string, a <see cref="Part"/>, an array or list of parts, or a <see cref="Content"/> converts to it, and so does a collection expression
/// of parts: <c>chat.SendMessage([picture, question])</c>.
/// </summary>
[CollectionBuilder(typeof(Message), nameof(Of))]
public readonly struct Message : IEnumerable<Part>
{
    private readonly string? _text;
    private readonly Content? _content;

    private Message(string? text, Content? content) => (_text, _content) = (text, content);

    /// <summary>Creates a message from parts.</summary>
    public static Message Of(params ReadOnlySpan<Part> parts)
    {
        var content = new Content { Role = Roles.User };
        foreach (var part in parts)
        {
            content.Parts.Add(part);
        }

        return new Message(null, content);
    }

    /// <summary>Creates a message with one text part.</summary>
    public static implicit operator Message(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text, null);
    }

    /// <summary>Creates a message with one part.</summary>
    public static implicit operator Message(Part part) => Of(part);

    /// <summary>Creates a message from parts.</summary>
    public static implicit operator Message(Part[] parts) => Of(parts);

    /// <summary>Creates a message from parts.</summary>
    public static implicit operator Message(List<Part> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return Of([.. parts]);
    }

    /// <summary>Creates a message from a content. Its role must be <c>user</c> or empty.</summary>
    public static implicit operator Message(Content content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new(null, content);
    }

    /// <summary>Returns the message as a content.</summary>
    public Content ToContent()
    {
        if (_content is null)
        {
            return new Content { Role = Roles.User, Parts = { new Part { Text = _text ?? "" } } };
        }

        var content = _content.Clone();
        content.Role = content.Role.Length == 0 ? Roles.User : content.Role;
        return content;
    }

    /// <summary>Returns the message's parts.</summary>
    public IEnumerator<Part> GetEnumerator() => ToContent().Parts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Fill(SendMessageRequest request)
    {
        if (_content is null)
        {
            request.Text = _text ?? "";
        }
        else
        {
            request.Message = ToContent();
        }
    }
}
