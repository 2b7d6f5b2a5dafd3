package dev.gantry.container.state;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.util.Objects;

/** A link of a container to another. The migration says what each column means. */
@Entity(name = "LinkEntity")
@Table(schema = "container", name = "links")
@IdClass(LinkEntity.Key.class)
public class LinkEntity {
    @Id
    @Column(name = "container_id")
    public String containerId;

    @Id
    public String alias;

    @Column(name = "target_id")
    public String targetId;

    /** By which its row is found. */
    public static final class Key implements Serializable {
        private static final long serialVersionUID = 1;

        String containerId;
        String alias;

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.containerId.equals(containerId) && key.alias.equals(alias);
        }

        @Override
        public int hashCode() {
            return Objects.hash(containerId, alias);
        }
    }
}
