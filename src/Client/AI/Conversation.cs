using GenAI.Chats.V1;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>Messages, by what they are to a chat: the system instruction, what was said before, and what is said now.</summary>
internal sealed class Conversation
{
    private Conversation(Content? systemInstruction, IReadOnlyList<Content> history, Content message) =>
        (SystemInstruction, History, Message) = (systemInstruction, history, message);

    /// <summary>Of the messages of role system. Null: there is none.</summary>
    public Content? SystemInstruction { get; }

    /// <summary>What was said up to the model's last word.</summary>
    public IReadOnlyList<Content> History { get; }

    /// <summary>What was said since: one content.</summary>
    public Content Message { get; }

    /// <summary>Reads messages.</summary>
    /// <exception cref="ArgumentException">The last word is the model's, or there is none.</exception>
    public static Conversation Of(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var all = messages.ToList();
        var system = all.Where(m => m.Role == ChatRole.System).SelectMany(m => ContentMapper.ToContent(m, all).Parts).ToList();
        var said = all.Where(m => m.Role != ChatRole.System).ToList();
        var past = said.FindLastIndex(m => m.Role == ChatRole.Assistant) + 1;
        if (past == said.Count)
        {
            throw new ArgumentException("The last message must be the user's or a tool's.", nameof(messages));
        }

        var message = new Content { Role = Roles.User };
        message.Parts.Add(said.Skip(past).SelectMany(m => ContentMapper.ToContent(m, all).Parts));
        var instruction = system.Count > 0 ? new Content { Role = Roles.User, Parts = { system } } : null;
        return new Conversation(instruction, said.Take(past).Select(m => ContentMapper.ToContent(m, all)).ToList(), message);
    }
}
